import { spawn } from 'node:child_process';
import { runCommand } from './run-command.js';

/** kubectl and Helm on one namespace. */
export interface Cluster {
  readonly namespace: string;
  kubectl(...args: string[]): Promise<string>;
  /** On no namespace: for namespaces themselves. */
  kubectlEverywhere(...args: string[]): Promise<string>;
  apply(objects: readonly object[]): Promise<void>;
  helm(...args: string[]): Promise<string>;
  /** A loopback port that leads to a pod's. */
  forward(target: string, port: number): Promise<Forwarding>;
}

export interface Forwarding {
  port: number;
  stop(): void;
}

export function createCluster(namespace: string, programs: { kubectl: string; helm: string }): Cluster {
  const kubectl = (...args: string[]) => runCommand([programs.kubectl, '--namespace', namespace, ...args]);
  return {
    namespace,
    kubectl,
    kubectlEverywhere: (...args) => runCommand([programs.kubectl, ...args]),
    apply: async (objects) => {
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
      await runCommand([programs.kubectl, '--namespace', namespace, 'apply', '--validate=strict', '-f', '-'], { input: list });
    },
    helm: (...args) => runCommand([programs.helm, '--namespace', namespace, ...args]),
    forward: (target, port) => forward([programs.kubectl, '--namespace', namespace, 'port-forward', target, `:${port}`]),
  };
}

function forward([program, ...args]: [string, ...string[]]): Promise<Forwarding> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  return new Promise((resolve, reject) => {
    const hear = (text: string): void => {
      said += text;
      const port = /Forwarding from 127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (port !== undefined) resolve({ port: Number(port), stop: () => void child.kill() });
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', hear);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`port-forward ended with ${code ?? 'a signal'}: ${said}`)));
  });
}

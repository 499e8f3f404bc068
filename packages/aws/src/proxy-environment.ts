/** This machine itself, which is never asked for through a proxy. */
const loopback = ['localhost', '127.0.0.0-127.255.255.255', '::1', '[::1]'];

export interface ProxySettings {
  /** What Node's agents take. May hold credentials: not for people's eyes. */
  environment: Record<string, string>;
  /** The proxy of HTTPS, without credentials; undefined where there is none. */
  https?: string;
  /** The hosts that are asked directly, as they were given. */
  exceptions: string[];
  /** Why a setting can not be used, without its value. */
  problem?: string;
}

/**
 * What an environment says about proxies: `https_proxy`, `http_proxy` and `no_proxy`, small letters before capitals. An address without a
 * scheme is one of http, as for curl. Node ignores what it does not understand, and would then ask directly: here that is a problem.
 */
export function proxySettings(environment: Readonly<Record<string, string | undefined>>): ProxySettings {
  const named = (name: string): string => (environment[name] ?? environment[name.toUpperCase()] ?? '').trim();
  const exceptions = named('no_proxy')
    .split(/[\s,]+/)
    .filter((exception) => exception !== '');
  const settings: ProxySettings = { environment: { no_proxy: [...exceptions, ...loopback].join(',') }, exceptions };
  for (const name of ['https_proxy', 'http_proxy']) {
    const value = named(name);
    if (value === '') continue;
    const address = value.includes('://') ? value : `http://${value}`;
    const proxy = URL.canParse(address) ? new URL(address) : undefined;
    if (!proxy || !/^https?:$/.test(proxy.protocol)) {
      settings.problem = `${name.toUpperCase()} names no HTTP proxy. It has to look like http://proxy.example:3128; letters of a password such as @ and / are written as %40 and %2F.`;
      continue;
    }
    settings.environment[name] = proxy.href;
    if (name === 'https_proxy') settings.https = proxy.origin;
  }
  return settings;
}

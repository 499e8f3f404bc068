import type { Problem } from './problem.js';
import type { ApiUser, Role } from './tokens.js';

export interface RouteRequest {
  user: ApiUser;
  /** Of the path; empty where it has none of that name. */
  param(name: string): string;
  query: unknown;
  body: unknown;
}

export interface Answer {
  status: number;
  body?: object;
  /** Of an administrator's action, for what is kept of it. Never a secret: names of settings, account ids. */
  about?: object;
}

/** A route, and who may call it. Without a role anybody could: there is none such. */
export interface Route {
  method: 'get' | 'post' | 'patch' | 'delete';
  path: string;
  role: Role;
  /** For the log of administrators' actions, and for `docs/api.md`. */
  action: string;
  handle(request: RouteRequest): Promise<Answer>;
}

/** What one component answers. */
export interface ApiPart {
  routes: readonly Route[];
  /** Keeps what an administrator did. Absent where the routes do that themselves, in the transaction that does it. */
  note?(did: { who: string; action: string; about: object }): Promise<void>;
  /** What an error of this part tells the caller; undefined: something went wrong here. */
  problemOf?(error: unknown): Problem | undefined;
}

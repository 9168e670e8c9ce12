// The nodes of a deployment: a request that one does not answer goes to the next.

import type { Hash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { EVENTS, SIGN_IN } from "./documents.ts";

/** Nothing that is tried again would help. */
export class Stop extends Error {
  readonly code: string | undefined;
  constructor(why: string, code?: string) {
    super(why);
    this.code = code;
  }
}

/** The node is away or busy: worth another try. */
export class Away extends Error {
  readonly wait: number;
  constructor(why: string, wait = 500) {
    super(why);
    this.wait = wait;
  }
}

/** The part is not there, or not any more. */
export class Gone extends Error {}

interface Told<Data> {
  data: Data;
  errors?: { message: string; extensions?: { code?: string; retryAfterMs?: number } }[];
}

type Headers = Record<string, string>;

export class Server {
  private token: string | undefined;

  constructor(
    private readonly urls: string[],
    private readonly id: string,
    private readonly secret: string,
  ) {}

  turn(): void {
    this.urls.push(this.urls.shift() as string);
  }

  /** Asks until it is answered: nodes come and go. */
  ask<Data>(query: string, variables: object): Promise<Data> {
    return this.patiently(async () => this.post<Data>(query, variables, await this.headers()));
  }

  async patiently<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (lost) {
        if (lost instanceof Stop || lost instanceof Gone) throw lost;
        await this.pause(lost);
      }
    }
  }

  /** Lets a moment go by behind what was lost, and turns to the next node. */
  async pause(lost: unknown): Promise<void> {
    const network = lost instanceof TypeError || (lost instanceof Error && lost.name === "TimeoutError");
    if (!(lost instanceof Away) && !network) throw lost;
    this.turn();
    await sleep(lost instanceof Away ? lost.wait : 500);
  }

  private async headers(): Promise<Headers> {
    if (this.token === undefined) {
      const input = { clientId: this.id, clientSecret: this.secret };
      type SignIn = { signInService: { accessToken: string; userErrors: { message: string }[] } };
      const told = (await this.post<SignIn>(SIGN_IN, { input }, {})).signInService;
      const refused = told.userErrors[0];
      if (refused) throw new Stop(`the secret is refused: ${refused.message}`);
      this.token = told.accessToken;
    }
    return { authorization: `Bearer ${this.token}` };
  }

  /** One try at one node: the data of the answer. */
  private async post<Data>(query: string, variables: object, headers: Headers): Promise<Data> {
    const answer = await this.send({ query, variables }, headers, AbortSignal.timeout(30_000));
    let told: Told<Data>;
    try {
      told = (await answer.json()) as Told<Data>;
    } catch {
      throw new Away(`HTTP ${answer.status}`);
    }
    this.refuse(told, answer.status);
    return told.data;
  }

  private send(body: object, headers: Headers, signal?: AbortSignal): Promise<Response> {
    const sent = { "content-type": "application/json", ...headers };
    return fetch(`${this.urls[0]}/graphql`, { method: "POST", body: JSON.stringify(body), headers: sent, signal });
  }

  private refuse(told: Told<unknown>, status: number): void {
    const error = told.errors?.[0];
    if (!error) return;
    const { code, retryAfterMs } = error.extensions ?? {};
    if (code === "UNAUTHENTICATED") {
      this.token = undefined;
      throw new Away("the token has ended", 100);
    }
    if (retryAfterMs !== undefined || status >= 500) throw new Away(code ?? "", retryAfterMs ?? 1000);
    throw new Stop(`${code}: ${error.message}`, code);
  }

  /** The lines of a part, one by one, as they arrive. */
  async *lines(path: string, digest: Hash): AsyncGenerator<string> {
    const answer = await fetch(this.urls[0] + path, { headers: await this.headers() });
    if (answer.status === 404) throw new Gone(path);
    this.only200(answer);
    let rest = Buffer.alloc(0);
    for await (const piece of answer.body as ReadableStream<Uint8Array>) {
      digest.update(piece);
      rest = Buffer.concat([rest, piece]);
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
        yield rest.toString("utf8", 0, end);
        rest = rest.subarray(end + 1);
      }
    }
    if (rest.length > 0) yield rest.toString("utf8");
  }

  /** Something for each message of the live log, until the stream ends. */
  async *events(variables: object): AsyncGenerator<void> {
    const headers = { ...(await this.headers()), accept: "text/event-stream" };
    const silence = new AbortController();
    const watch = () => setTimeout(() => silence.abort(new Away("silence")), 60_000);
    let watching = watch();
    try {
      const answer = await this.send({ query: EVENTS, variables }, headers, silence.signal);
      this.only200(answer);
      const decoder = new TextDecoder();
      let rest = "";
      for await (const piece of answer.body as ReadableStream<Uint8Array>) {
        clearTimeout(watching);
        watching = watch();
        const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          if (line.startsWith("event: complete")) return;
          if (!line.startsWith("data:") || line.length <= 5) continue;
          this.refuse((JSON.parse(line.slice(5)) ?? {}) as Told<unknown>, 200);
          yield;
        }
      }
    } finally {
      clearTimeout(watching);
      silence.abort();
    }
  }

  private only200(answer: Response): void {
    if (answer.status === 200) return;
    if (answer.status === 401) this.token = undefined;
    throw new Away(`HTTP ${answer.status}`);
  }
}

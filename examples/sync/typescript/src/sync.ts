// From export to changes to the live log, and the comparison with the server.

import { createHash, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

import type { Copy } from "./copy.ts";
import * as documents from "./documents.ts";
import { plain, type Account, type Body, type Job, type Line, type Page, type Part } from "./documents.ts";
import { Away, Gone, Stop, type Server } from "./server.ts";

/** Kinds, with the scopes that open each. */
const KINDS: Record<string, string[]> = {
  ORGANIZATION: ["orgs:read"],
  MEMBER: ["members:read"],
  APPOINTMENT: ["orgs:read", "members:read"],
  ACTIVITY: ["activities:read"],
};
const OF_AN_EXPORT = ["key", "asked", "job", "parts"];

interface Changes {
  viewer: { account: Account };
  changes: { changes: Line[]; cursor: string; hasMore: boolean };
}

type Node = Body & { appointments?: Page<Body> };

function text({ version, scopes }: Account): string {
  return JSON.stringify({ version, scopes });
}

export function say(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

export class Sync {
  private readonly within: object;

  constructor(
    private readonly server: Server,
    private readonly copy: Copy,
    organization: string,
  ) {
    this.within = { subtreeOf: organization };
  }

  private async rights(): Promise<string> {
    const told = await this.server.ask<{ viewer: { account: Account } }>(documents.VIEWER, {});
    return text(told.viewer.account);
  }

  /** Makes the copy anew: from one snapshot, part by part; what was fetched before a kill stays fetched. */
  private async export(): Promise<void> {
    for (;;) {
      const id = this.copy.get("job") ?? (await this.begin());
      if (id === undefined) continue;
      const { exportJob: job } = await this.server.ask<{ exportJob: Job | null }>(documents.JOB, { id });
      if (job && ["QUEUED", "RUNNING"].includes(job.state)) await sleep(200);
      else if (job?.state === "COMPLETED") {
        if (await this.fetch(job)) return;
      } else {
        say({ export: job?.state ?? "gone", failure: job?.failure });
        if (job?.failure === "TOO_MANY_ROWS") throw new Stop("the part of the tree is too large for one export");
        await this.drop();
      }
    }
  }

  /** Asks for the export; under a key that is kept first, so that a kill in between begins no second one. */
  private async begin(): Promise<string | undefined> {
    const key = this.copy.get("key") ?? randomUUID();
    const asked = this.copy.get("asked") ?? (await this.rights());
    await this.copy.whole(() => {
      this.copy.set("key", key);
      this.copy.set("asked", asked);
      this.copy.dropIncoming();
    });
    const scopes = (JSON.parse(asked) as Account).scopes;
    const kinds = Object.keys(KINDS).filter((kind) => KINDS[kind]?.some((scope) => scopes.includes(scope)));
    const input = { kinds, within: this.within, format: "JSONL", idempotencyKey: key };
    type Started = { startExport: { job: { id: string } | null; userErrors: { code: string; message: string }[] } };
    const { job, userErrors } = (await this.server.ask<Started>(documents.START, { input })).startExport;
    const error = userErrors[0];
    if (job) {
      await this.copy.whole(() => this.copy.set("job", job.id));
      return job.id;
    }
    await this.drop();
    if (error?.code === "TOO_MANY") {
      say({ waits: error.message });
      await sleep(10_000);
    } else if (error && (await this.rights()) === asked) {
      throw new Stop(`${error.code}: ${error.message}`, error.code);
    }
    return undefined;
  }

  /** Nothing comes of this export: the next one begins from the start. */
  private drop(): Promise<void> {
    return this.copy.whole(() => {
      for (const key of OF_AN_EXPORT) this.copy.set(key, undefined);
      this.copy.dropIncoming();
    });
  }

  /** Fetches the parts that are still missing, then puts them in the place of what was there; whether that could be. */
  private async fetch(job: Job): Promise<boolean> {
    for (const part of job.parts) {
      if (part.number <= Number(this.copy.get("parts") ?? 0)) continue;
      try {
        await this.server.patiently(() => this.fetchPart(part));
      } catch (gone) {
        if (!(gone instanceof Gone)) throw gone;
        await this.drop();
        return false;
      }
    }
    await this.copy.whole(() => {
      this.copy.replace();
      this.copy.set("cursor", job.snapshotCursor);
      this.copy.set("rights", this.copy.get("asked"));
      for (const key of OF_AN_EXPORT) this.copy.set(key, undefined);
      this.copy.dropIncoming();
    });
    say({ exported: job.parts.reduce((sum, part) => sum + part.rows, 0) });
    return true;
  }

  private fetchPart(part: Part): Promise<void> {
    return this.copy.whole(async () => {
      const digest = createHash("sha256");
      let rows = 0;
      for await (const line of this.server.lines(part.url, digest)) {
        this.copy.receive((JSON.parse(line) as Body).id, line);
        rows += 1;
      }
      if (digest.digest("hex") !== part.sha256 || rows !== part.rows) throw new Away(`part ${part.number} came damaged`);
      this.copy.set("parts", String(part.number));
    });
  }

  /** Applies what happened since, page by page, each with its cursor in one transaction. How many lines there were. */
  async catchUp(): Promise<number> {
    for (let lines = 0; ; ) {
      const after = this.copy.get("cursor");
      if (after === undefined) {
        await this.export();
        continue;
      }
      const told = await this.server.ask<Changes>(documents.CHANGES, { after, within: this.within });
      const page = told.changes;
      // Scopes of an account are no event of the log: with others, the copy is made anew.
      let anew = text(told.viewer.account) !== this.copy.get("rights");
      await this.copy.whole(() => {
        for (const line of page.changes) anew = this.copy.apply(line) || anew;
        this.copy.set("cursor", anew ? undefined : page.cursor);
      });
      lines += page.changes.length;
      if (!anew && !page.hasMore) return lines;
    }
  }

  /** Follows the live log: each message only wakes, and the changes since the copy's own cursor are applied. */
  async run(): Promise<never> {
    for (;;) {
      say({ applied: await this.catchUp() });
      try {
        for await (const _ of this.server.events({ after: this.copy.get("cursor"), within: this.within })) {
          const lines = await this.catchUp();
          if (lines > 0) say({ applied: lines });
        }
      } catch (lost) {
        if (lost instanceof Stop) throw lost;
        say({ lost: lost instanceof Error ? lost.message : String(lost) });
        await this.server.pause(lost);
      }
    }
  }

  /** What the lists of the server show. */
  private async shown(): Promise<Map<string, Body>> {
    const shown = new Map<string, Body>();
    for (const query of documents.LISTS) {
      for await (const node of this.pages(query, { within: this.within })) {
        shown.set(node.id, plain(node));
        const posts = node.appointments;
        const more = posts?.pageInfo.hasNextPage ? this.pages(documents.MORE_POSTS, { id: node.id }) : (posts?.nodes ?? []);
        for await (const post of more) shown.set(post.id, plain(post));
      }
    }
    return shown;
  }

  private async *pages(query: string, variables: object): AsyncGenerator<Node> {
    for (let after: string | null = null; ; ) {
      type Found = { page?: Page<Node>; organization?: { page: Page<Node> } };
      const found: Found = await this.server.ask<Found>(query, { ...variables, after });
      const page = found.page ?? found.organization?.page;
      if (!page) return;
      yield* page.nodes;
      if (!page.pageInfo.hasNextPage) return;
      after = page.pageInfo.endCursor;
    }
  }

  /** Compares the copy with the server, as soon as nothing happens while the lists are read. */
  async verify(): Promise<boolean> {
    for (let tries = 0; tries < 20; tries += 1) {
      await this.catchUp();
      const shown = await this.shown();
      if ((await this.catchUp()) > 0) continue;
      const held = this.copy.rows();
      const all = [...new Set([...shown.keys(), ...held.keys()])];
      const wrong = all.filter((id) => !isDeepStrictEqual(shown.get(id), held.get(id))).sort();
      say({ verified: shown.size, wrong: wrong.slice(0, 20), differences: wrong.length });
      return wrong.length === 0;
    }
    throw new Stop("too much happens to compare: try again in a quieter hour");
  }
}

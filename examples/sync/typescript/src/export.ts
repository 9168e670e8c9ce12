// Making the copy anew, from the parts of an export.

import { createHash, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import type { Copy } from "./copy.ts";
import { JOB, START, VIEWER, type Account, type Body, type Job, type Part } from "./documents.ts";
import { say } from "./say.ts";
import { Away, Gone, Stop, type Server } from "./server.ts";

/** Kinds, with the scopes that open each. */
const KINDS: Record<string, string[]> = {
  ORGANIZATION: ["orgs:read"],
  MEMBER: ["members:read"],
  APPOINTMENT: ["orgs:read", "members:read"],
  ACTIVITY: ["activities:read"],
};
/** What the copy remembers of an export under way. */
const OF_AN_EXPORT = ["key", "asked", "job", "parts"];

/** Version and scopes of an account as text, the same in both clients: with others, the copy is made anew. */
export function rightsOf({ scopes, version }: Account): string {
  return JSON.stringify({ scopes, version });
}

export class Export {
  constructor(
    private readonly server: Server,
    private readonly copy: Copy,
    private readonly within: object,
  ) {}

  /** From one snapshot, part by part; what was fetched before a kill stays fetched. */
  async make(): Promise<void> {
    for (;;) {
      const id = this.copy.get("job") ?? (await this.begin());
      if (id === undefined) continue;
      const { exportJob: job } = await this.server.ask<{ exportJob: Job | null }>(JOB, { id });
      if (job && ["QUEUED", "RUNNING"].includes(job.state)) await sleep(200);
      else if (job?.state === "COMPLETED") {
        if (await this.fetch(job)) return;
      } else {
        say({ export: job?.state ?? "gone", failure: job?.failure });
        await this.drop();
        if (job?.failure === "TOO_MANY_ROWS") throw new Stop("the part of the tree is too large for one export");
      }
    }
  }

  /** Asks for the export; under a key that is kept first, so that a kill in between begins no second one. The job's id; nothing
   *  where another try may do better. */
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
    const { job, userErrors } = (await this.server.ask<Started>(START, { input })).startExport;
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
    return this.copy.whole(() => this.forget());
  }

  private forget(): void {
    for (const key of OF_AN_EXPORT) this.copy.set(key, undefined);
    this.copy.dropIncoming();
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
      this.forget();
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

  private async rights(): Promise<string> {
    const told = await this.server.ask<{ viewer: { account: Account } }>(VIEWER, {});
    return rightsOf(told.viewer.account);
  }
}

// From export to changes to the live log.

import type { Copy } from "./copy.ts";
import { CHANGES, type Account, type Line } from "./documents.ts";
import { Export, rightsOf } from "./export.ts";
import { say } from "./say.ts";
import { Stop, type Server } from "./server.ts";

interface Changes {
  viewer: { account: Account };
  changes: { changes: Line[]; cursor: string; hasMore: boolean };
}

export class Sync {
  readonly within: object;
  private readonly export: Export;

  constructor(
    readonly server: Server,
    readonly copy: Copy,
    organization: string,
  ) {
    this.within = { subtreeOf: organization };
    this.export = new Export(server, copy, this.within);
  }

  /** Applies what happened since, page by page, each with its cursor in one transaction. How many lines there were. */
  async catchUp(): Promise<number> {
    for (let lines = 0; ; ) {
      const after = this.copy.get("cursor");
      if (after === undefined) {
        await this.export.make();
        continue;
      }
      const told = await this.server.ask<Changes>(CHANGES, { after, within: this.within });
      const page = told.changes;
      // Scopes of an account are no event of the log: with others, the copy is made anew.
      let anew = rightsOf(told.viewer.account) !== this.copy.get("rights");
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
}

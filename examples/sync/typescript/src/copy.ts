// The copy and how far it has come, in one SQLite file: both change in the same transaction.

import Database from "better-sqlite3";

import { plain, type Body, type Line } from "./documents.ts";

const TABLES = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS object (id TEXT PRIMARY KEY, kind TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS place (id TEXT NOT NULL, organization TEXT NOT NULL, PRIMARY KEY (id, organization));
CREATE INDEX IF NOT EXISTS at ON place (organization);
CREATE TABLE IF NOT EXISTS incoming (id TEXT PRIMARY KEY, body TEXT NOT NULL);`;
const BELOW = `WITH RECURSIVE below(id) AS (SELECT ? UNION SELECT p.id FROM place p JOIN below ON p.organization = below.id
  JOIN object o ON o.id = p.id AND o.kind = 'Organization') SELECT id FROM below`;

// A post that has ended is shown no more; the day turns where the deployment is.
const ZONE = process.env.ORGLIFE_TIME_ZONE ?? "Asia/Shanghai";
const DAY = new Intl.DateTimeFormat("en-CA", { timeZone: ZONE, year: "numeric", month: "2-digit", day: "2-digit" });

function today(): string {
  return DAY.format(new Date());
}

/** The orgs at which an object is. */
function places(body: Body): Set<string> {
  const all = [body.parent, body.branch, body.organization, ...(body.organizations ?? [])];
  return new Set(all.flatMap((place) => (place ? [place.id] : [])));
}

export class Copy {
  private readonly db: Database.Database;

  constructor(path: string) {
    this.db = new Database(path);
    this.db.pragma("journal_mode = WAL");
    this.db.pragma("synchronous = FULL");
    this.db.exec(TABLES);
  }

  /** Does something whole or not at all, awaiting in between: nobody else writes to the file. */
  async whole<T>(work: () => T | Promise<T>): Promise<T> {
    this.db.exec("BEGIN IMMEDIATE");
    try {
      const done = await work();
      this.db.exec("COMMIT");
      return done;
    } catch (error) {
      this.db.exec("ROLLBACK");
      throw error;
    }
  }

  get(key: string): string | undefined {
    return this.db.prepare("SELECT value FROM meta WHERE key = ?").pluck().get(key) as string | undefined;
  }

  set(key: string, value: string | undefined): void {
    if (value === undefined) this.db.prepare("DELETE FROM meta WHERE key = ?").run(key);
    else this.db.prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)").run(key, value);
  }

  /** Keeps what a part of an export brings, beside what is there. */
  receive(id: string, text: string): void {
    this.db.prepare("INSERT OR REPLACE INTO incoming VALUES (?, ?)").run(id, text);
  }

  dropIncoming(): void {
    this.db.exec("DELETE FROM incoming");
  }

  /** Puts what was received in the place of what was there. */
  replace(): void {
    this.db.exec("DELETE FROM object; DELETE FROM place");
    const page = this.db.prepare("SELECT id, body FROM incoming WHERE id > ? ORDER BY id LIMIT 1000");
    for (let after = "", rows = [] as { id: string; body: string }[]; ; ) {
      rows = page.all(after) as { id: string; body: string }[];
      if (rows.length === 0) return;
      for (const row of rows) {
        this.keep(JSON.parse(row.body) as Body);
        after = row.id;
      }
    }
  }

  private keep(body: Body): void {
    this.forget(body.id);
    if ((body.until ?? "9999") <= today()) return;
    const text = JSON.stringify(body);
    this.db.prepare("INSERT INTO object VALUES (?, ?, ?, ?)").run(body.id, body.__typename, body.version, text);
    const place = this.db.prepare("INSERT INTO place VALUES (?, ?)");
    for (const org of places(body)) place.run(body.id, org);
  }

  private forget(id: string): void {
    this.db.prepare("DELETE FROM place WHERE id = ?").run(id);
    this.db.prepare("DELETE FROM object WHERE id = ?").run(id);
  }

  /** An org with everything that the copy knows at and below it. */
  private forgetSubtree(root: string): void {
    const at = this.db.prepare("SELECT id FROM place WHERE organization = ?").pluck();
    for (const org of this.db.prepare(BELOW).pluck().all(root) as string[]) {
      for (const id of at.all(org) as string[]) this.forget(id);
      this.forget(org);
    }
  }

  /** One line of the log; whether the copy must be made anew. */
  apply(line: Line): boolean {
    if (line.op === "RESYNC") return true;
    const gone = line.op === "LEAVE_SCOPE" || line.op === "DELETE";
    if (gone && line.extent === "SUBTREE") this.forgetSubtree(line.entityId);
    else if (!gone && line.entity) this.keep(plain(line.entity));
    else this.forget(line.entityId);
    return false;
  }

  /** Forgets everything. */
  clear(): void {
    this.db.exec("BEGIN IMMEDIATE; DELETE FROM object; DELETE FROM place; DELETE FROM incoming; DELETE FROM meta; COMMIT");
  }

  /** What the copy holds: of posts those that are held today. */
  rows(): Map<string, Body> {
    const held = new Map<string, Body>();
    for (const text of this.db.prepare("SELECT body FROM object").pluck().all() as string[]) {
      const body = JSON.parse(text) as Body;
      if ((body.since ?? "") <= today() && today() < (body.until ?? "9999")) held.set(body.id, body);
    }
    return held;
  }
}

// Keeps a copy of a part of the tree in an SQLite file: export, then changes, then live. It may be killed at any moment.
//
//   npm ci
//   export ORGLIFE_CLIENT_ID=acc_… ORGLIFE_CLIENT_SECRET=ols_…
//   node --import tsx src/main.ts copy.db --url http://127.0.0.1:8080 --organization org_… run|once|verify
//
// Several `--url` are several nodes of one deployment. How it works, and which scopes it needs: ../README.md.

import { parseArgs } from "node:util";

import { Copy } from "./copy.ts";
import { say } from "./say.ts";
import { Server, Stop } from "./server.ts";
import { Sync } from "./sync.ts";
import { verify } from "./verify.ts";

const { values, positionals } = parseArgs({
  options: { url: { type: "string", multiple: true }, organization: { type: "string" } },
  allowPositionals: true,
});
const [file, command] = positionals;
const { ORGLIFE_CLIENT_ID: id, ORGLIFE_CLIENT_SECRET: secret } = process.env;
if (!file || !command || !["run", "once", "verify"].includes(command) || !values.url || !values.organization || !id || !secret) {
  process.stderr.write("main.ts FILE --url URL --organization ID run|once|verify, with ORGLIFE_CLIENT_ID and ORGLIFE_CLIENT_SECRET\n");
  process.exit(64);
}
const copy = new Copy(file);
const sync = new Sync(new Server(values.url, id, secret), copy, values.organization);
try {
  if (command === "run") await sync.run();
  else if (command === "verify") process.exitCode = (await verify(sync)) ? 0 : 1;
  else say({ applied: await sync.catchUp() });
} catch (why) {
  if (!(why instanceof Stop)) throw why;
  // What one may not see any more is not kept.
  if (["NOT_FOUND", "FORBIDDEN", "ACCOUNT_DISABLED"].includes(why.code ?? "")) copy.clear();
  process.stderr.write(`${why.message}\n`);
  process.exitCode = 2;
}

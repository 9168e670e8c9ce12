// The comparison of the copy with what the server shows.

import { isDeepStrictEqual } from "node:util";

import { LISTS, MORE_POSTS, plain, type Body, type Page } from "./documents.ts";
import { say } from "./say.ts";
import { Stop, type Server } from "./server.ts";
import type { Sync } from "./sync.ts";

type Node = Body & { appointments?: Page<Body> };

/** Compares as soon as nothing happens while the lists are read; whether the copy is right. */
export async function verify(sync: Sync): Promise<boolean> {
  for (let tries = 0; tries < 20; tries += 1) {
    await sync.catchUp();
    const shown = await lists(sync.server, sync.within);
    if ((await sync.catchUp()) > 0) continue;
    const held = sync.copy.rows();
    const all = [...new Set([...shown.keys(), ...held.keys()])];
    const wrong = all.filter((id) => !isDeepStrictEqual(shown.get(id), held.get(id))).sort();
    say({ verified: shown.size, wrong: wrong.slice(0, 20), differences: wrong.length });
    return wrong.length === 0;
  }
  throw new Stop("too much happens to compare: try again in a quieter hour");
}

/** What the lists of the server show, by id. */
async function lists(server: Server, within: object): Promise<Map<string, Body>> {
  const shown = new Map<string, Body>();
  for (const query of LISTS) {
    for await (const node of pages(server, query, { within })) {
      shown.set(node.id, plain(node));
      const posts = node.appointments;
      const more = posts?.pageInfo.hasNextPage ? pages(server, MORE_POSTS, { id: node.id }) : (posts?.nodes ?? []);
      for await (const post of more) shown.set(post.id, plain(post));
    }
  }
  return shown;
}

/** The nodes of all pages. An org that is gone meanwhile has none. */
async function* pages(server: Server, query: string, variables: object): AsyncGenerator<Node> {
  for (let after: string | null = null; ; ) {
    type Found = { page?: Page<Node>; organization?: { page: Page<Node> } };
    const found: Found = await server.ask<Found>(query, { ...variables, after });
    const page = found.page ?? found.organization?.page;
    if (!page) return;
    yield* page.nodes;
    if (!page.pageInfo.hasNextPage) return;
    after = page.pageInfo.endCursor;
  }
}

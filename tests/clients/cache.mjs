// A live event merges into what Apollo's cache holds of the screen, and touches nothing else there.
//   node cache.mjs '{"url": "http://…", "token": "…", "parent": "org_…"}'
import assert from 'node:assert/strict';
import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client';

const { url, token, parent } = JSON.parse(process.argv[2]);
const uri = `${url}/graphql`;
const headers = { authorization: `Bearer ${token}` };

// Writes go past the cache, as those of another person would.
async function write(field, input) {
  const type = field[0].toUpperCase() + field.slice(1);
  const query = `mutation($input: ${type}Input!) { ${field}(input: $input) { organization { id version } userErrors { code path } } }`;
  const answer = await fetch(uri, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data, errors } = await answer.json();
  assert.deepEqual([errors, data?.[field].userErrors], [undefined, []]);
  return data[field].organization;
}

const decision = { decidedOn: '2026-01-05', documentNumber: '试〔2026〕9号' };
const made = await write('createOrganization', {
  parentId: parent, name: '缓存中之组织', kind: 'WORKING_COMMITTEE', sector: 'ORGAN', foundedOn: '2026-01-05', reason: '新设',
  decision, idempotencyKey: 'cache-1',
});

const fields = 'id name version openAlerts figures(period: {kind: YEAR}) { owed met }';
const screen = gql`query Screen($a: ID!, $b: ID!) { a: organization(id: $a) { ${fields} } b: organization(id: $b) { ${fields} } log { cursor } }`;
const live = gql`subscription Figures($b: ID!, $after: LogCursor) {
  figures(organization: $b, period: {kind: YEAR}, after: $after) {
    __typename
    ... on FiguresChanged { cursor organization { ${fields} } }
    ... on Resumed { cursor replayed }
  }
}`;
const client = new ApolloClient({ link: new HttpLink({ uri, headers }), cache: new InMemoryCache() });
const shown = [];
client.watchQuery({ query: screen, variables: { a: parent, b: made.id } }).subscribe(({ data, loading }) => {
  if (data && !loading) shown.push(data);
});
const until = async (what, done) => {
  const end = Date.now() + 20_000;
  while (!done()) {
    assert.ok(Date.now() < end, `${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
await until('the screen', () => shown.length > 0);
const [first] = shown;
const before = client.cache.extract();
const told = [];
client
  .subscribe({ query: live, variables: { b: made.id, after: first.log.cursor } })
  .subscribe({ next: ({ data }) => told.push(data.figures), error: (error) => { throw error; } });
await until('the stream', () => told.some((message) => message.__typename === 'Resumed'));
await write('renameOrganization', {
  id: made.id, expectedVersion: made.version, name: '改了名的组织', reason: '更名', decision, idempotencyKey: 'cache-2',
});
await until('the change', () => told.some((message) => message.__typename === 'FiguresChanged'));
await until('the new screen', () => shown.at(-1).b.name === '改了名的组织');

const after = client.cache.extract();
assert.deepEqual(shown.at(-1).a, first.a);
assert.equal(shown.at(-1).b.version, made.version + 1);
const differing = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
assert.deepEqual(differing.sort(), [`Organization:${made.id}`, 'ROOT_SUBSCRIPTION']);
console.log('one object of the cache changed, and the screen with it');
process.exit(0);

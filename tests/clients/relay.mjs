// Payloads and live events merge into what Relay's store holds of the screen, and touch nothing else there.
//   node relay.mjs '{"url": "http://…", "token": "…", "parent": "org_…"}'
import assert from 'node:assert/strict';
import { createClient } from 'graphql-ws';
import relay from 'relay-runtime';
import WebSocket from 'ws';
import { concrete } from './relay-compile.mjs';

const { Environment, Network, Observable, RecordSource, Store, createOperationDescriptor, commitMutation, requestSubscription } = relay;
const { url, token, parent } = JSON.parse(process.argv[2]);
const headers = { authorization: `Bearer ${token}` };

async function post(query, variables) {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify({ query, variables }),
  });
  return answer.json();
}
// Writes that go past the store, as those of another person would.
async function write(field, input) {
  const type = field[0].toUpperCase() + field.slice(1);
  const { data, errors } = await post(
    `mutation($input: ${type}Input!) { ${field}(input: $input) { organization { id version } userErrors { code path } } }`, { input });
  assert.deepEqual([errors, data?.[field].userErrors], [undefined, []]);
  return data[field].organization;
}

const sockets = createClient({ url: `${url.replace(/^http/, 'ws')}/graphql`, webSocketImpl: WebSocket, connectionParams: headers });
const store = new Store(new RecordSource());
const environment = new Environment({
  store,
  network: Network.create(
    ({ text }, variables) => post(text, variables),
    ({ text }, variables) => Observable.create((sink) => sockets.subscribe({ query: text, variables }, sink)),
  ),
});

const decision = { decidedOn: '2026-01-05', documentNumber: '试〔2026〕9号' };
const made = await write('createOrganization', {
  parentId: parent, name: '库中之组织', kind: 'WORKING_COMMITTEE', sector: 'ORGAN', foundedOn: '2026-01-05', reason: '新设',
  decision, idempotencyKey: 'relay-1',
});
const fields = '__typename id name version openAlerts figures(period: {kind: YEAR}) { owed met }';
const screen = concrete(`query Screen($a: ID!, $b: ID!) { a: organization(id: $a) { ${fields} } b: organization(id: $b) { ${fields} } log { cursor } }`);
const live = concrete(`subscription Figures($b: ID!, $after: LogCursor) {
  figures(organization: $b, period: {kind: YEAR}, after: $after) {
    __typename
    ... on FiguresChanged { cursor organization { ${fields} } }
    ... on Resumed { cursor replayed }
  }
}`);
const log = concrete(`subscription Events($after: LogCursor) {
  events(after: $after, within: {exactly: "${made.id}"}) {
    __typename
    ... on Change { cursor op entityId version entity { __typename ... on Organization { ${fields} } } }
    ... on Resumed { cursor replayed }
  }
}`);
const rename = concrete(`mutation Rename($input: RenameOrganizationInput!) {
  renameOrganization(input: $input) { organization { ${fields} } userErrors { code path } cursor }
}`);

const until = async (what, done) => {
  const end = Date.now() + 20_000;
  while (!done()) {
    assert.ok(Date.now() < end, `${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
const shown = createOperationDescriptor(screen, { a: parent, b: made.id });
const read = () => environment.lookup(shown.fragment).data;
environment.retain(shown);
await environment.execute({ operation: shown }).toPromise();
const first = read();
assert.equal(first.b.name, '库中之组织');
const records = () => JSON.parse(JSON.stringify(store.getSource().toJSON()));
const told = { figures: [], events: [] };
const after = first.log.cursor;
for (const [name, subscription, variables] of [['figures', live, { b: made.id, after }], ['events', log, { after }]]) {
  requestSubscription(environment, {
    subscription, variables,
    onNext: (data) => told[name].push(data[name]), onError: (error) => { throw error; },
  });
}
await until('the streams', () => Object.values(told).every((messages) => messages.some((message) => message.__typename === 'Resumed')));

// Of records that hold what the server says, only that of the org and its figures may differ; what hangs at the roots of
// operations comes and goes.
async function onlyTheOrg(what, change, name) {
  const before = records();
  const untouched = read().a;
  const counts = [told.figures.length, told.events.length];
  await change();
  await until(`${what}: the new screen`, () => read().b.name === name);
  await until(`${what}: both streams`, () => told.figures.length > counts[0] && told.events.length > counts[1]);
  assert.deepEqual(read().a, untouched, what);
  const after = records();
  const differing = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    .filter((key) => key !== made.id && !key.startsWith(`client:${made.id}:`) && !/^client:(root|local:)/.test(key));
  assert.deepEqual(differing, [], what);
  assert.deepEqual(Object.keys(after).filter((key) => after[key]?.id === made.id), [made.id], `${what}: one record for one object`);
}
await onlyTheOrg('an event', () => write('renameOrganization', {
  id: made.id, expectedVersion: made.version, name: '改了名的组织', reason: '更名', decision, idempotencyKey: 'relay-2',
}), '改了名的组织');
await onlyTheOrg('a payload', () => new Promise((resolve, reject) => {
  commitMutation(environment, {
    mutation: rename, onError: reject, onCompleted: resolve, variables: { input: {
      id: made.id, expectedVersion: made.version + 1, name: '再改了名的组织', reason: '更名', decision, idempotencyKey: 'relay-3',
    } },
  });
}), '再改了名的组织');
assert.equal(read().b.version, made.version + 2);
console.log('one object of the store changed, and the screen with it');
process.exit(0);

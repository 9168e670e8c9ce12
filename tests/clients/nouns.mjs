// Live activities, obligations and lines of the inbox merge into what Apollo's cache and Relay's store hold of a screen: what
// they hold afterwards is what the server says then, and nothing else was touched.
//   node nouns.mjs '{"url": "http://…", "secretary": "token", "member": "token", "branch": "org_…"}'
import assert from 'node:assert/strict';
import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { createClient } from 'graphql-ws';
import relay from 'relay-runtime';
import WebSocket from 'ws';
import { concrete } from './relay-compile.mjs';

const { Environment, Network, Observable, RecordSource, Store, createOperationDescriptor, requestSubscription } = relay;
const { url, secretary, member, branch } = JSON.parse(process.argv[2]);
const headersOf = (token) => ({ authorization: `Bearer ${token}` });
// Keeps an error apart from data: nothing of this may fail.
async function post(query, variables, token = secretary) {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST', headers: { ...headersOf(token), 'content-type': 'application/json' }, body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}
// Writes that go past both stores, as those of another person would.
const begun = Date.now();
let key = 0;
async function write(field, fields, input, token = secretary) {
  const type = field[0].toUpperCase() + field.slice(1);
  const query = `mutation($input: ${type}Input!) { ${field}(input: $input) { ${fields} userErrors { code path } } }`;
  const data = await post(query, { input: { idempotencyKey: `nouns-${begun}-${(key += 1)}`, ...input } }, token);
  assert.deepEqual(data[field].userErrors, []);
  return data[field];
}

const ACTIVITY = '__typename id version title status place startsAt';
const OBLIGATION = '__typename id version status dueOn';
const LINE = '__typename id kind title raisedAt';
const SCREEN = `query Screen($o: ID!) {
  viewer { __typename id inbox(first: 100) { nodes { ${LINE} } } }
  activities(within: {subtreeOf: $o}, first: 100) { nodes { ${ACTIVITY} } }
  obligations(within: {subtreeOf: $o}, first: 100) { nodes { ${OBLIGATION} } }
  log { cursor }
}`;
const rest = '... on Resumed { cursor replayed } ... on Gap { cursor cause } ... on Lagged { cursor }';
const STREAMS = {
  activities: `subscription Activities($o: ID!, $after: LogCursor) { activities(organization: $o, after: $after) {
    __typename ... on ActivityChanged { cursor op activityId activity { ${ACTIVITY} } } ${rest} } }`,
  obligations: `subscription Obligations($o: ID!, $after: LogCursor) { obligations(organization: $o, after: $after) {
    __typename ... on ObligationChanged { cursor op obligationId obligation { ${OBLIGATION} } } ${rest} } }`,
  inbox: `subscription Inbox($after: LogCursor) { inbox(after: $after) {
    __typename ... on InboxChanged { cursor op itemId item { ${LINE} } } ${rest} } }`,
};
const failed = (error) => { throw error; };

// Both stores with one face: the screen is loaded, streams are followed, records are read by their ids.
const stores = {
  async apollo(variables) {
    const client = new ApolloClient({
      link: new HttpLink({ uri: `${url}/graphql`, headers: headersOf(secretary) }), cache: new InMemoryCache(),
    });
    const { data } = await client.query({ query: gql(SCREEN), variables });
    return {
      screen: data,
      follow: (text, values, next) => client
        .subscribe({ query: gql(text), variables: values }).subscribe({ next: (result) => next(result.data), error: failed }),
      records: () => client.cache.extract(),
      record: (records, type, id) => records[`${type}:${id}`],
      isRoot: (name) => name.startsWith('ROOT_'),
    };
  },
  async relay(variables) {
    const sockets = createClient({
      url: `${url.replace(/^http/, 'ws')}/graphql`, webSocketImpl: WebSocket, connectionParams: headersOf(secretary),
    });
    const store = new Store(new RecordSource());
    const environment = new Environment({
      store,
      network: Network.create(
        ({ text }, values) => post(text, values).then((data) => ({ data })),
        ({ text }, values) => Observable.create((sink) => sockets.subscribe({ query: text, variables: values }, sink)),
      ),
    });
    const shown = createOperationDescriptor(concrete(SCREEN), variables);
    environment.retain(shown);
    await environment.execute({ operation: shown }).toPromise();
    return {
      screen: environment.lookup(shown.fragment).data,
      follow: (text, values, onNext) => requestSubscription(environment, {
        subscription: concrete(text), variables: values, onNext, onError: failed,
      }),
      records: () => JSON.parse(JSON.stringify(store.getSource().toJSON())),
      record: (records, type, id) => records[id],
      isRoot: (name) => /^client:(root|local:)/.test(name),
    };
  },
};

const until = async (what, done) => {
  const end = Date.now() + 20_000;
  while (!done()) {
    assert.ok(Date.now() < end, `${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString();
const lecture = { organizationId: branch, kind: 'PARTY_LECTURE', agenda: [{ kind: 'LECTURE_SITUATION', title: '当前形势' }] };
const { activity: planned } = await write('scheduleActivity', 'activity { id version }', { ...lecture, startsAt: inDays(47) });

const variables = { o: branch };
const kept = {};
for (const [name, open] of Object.entries(stores)) {
  const store = await open(variables);
  const told = { activities: [], obligations: [], inbox: [] };
  for (const [noun, text] of Object.entries(STREAMS)) {
    const values = { after: store.screen.log.cursor, ...(noun === 'inbox' ? {} : variables) };
    store.follow(text, values, (data) => told[noun].push(data[noun]));
  }
  await until(`${name}: the streams`, () => Object.values(told).every(([first]) => first?.__typename === 'Resumed'));
  kept[name] = { store, told, before: store.records() };
}

// A change of what is on the screen, something owed that is met, a line that comes, and another that comes and goes.
await write('rescheduleActivity', 'activity { id }', { activityId: planned.id, expectedVersion: planned.version, place: '二楼会议室' });
const { obligations: met } = await write('recordActivity', 'obligations { id }', {
  organizationId: branch, kind: 'BRANCH_GENERAL_MEETING', startsAt: inDays(-1), noticedAt: inDays(-4),
});
const { leave: stays } = await write('askLeave', 'leave { id }', { activityId: planned.id, category: 'WORK' }, member);
const { activity: other } = await write('scheduleActivity', 'activity { id version }', { ...lecture, startsAt: inDays(61) });
const { leave } = await write('askLeave', 'leave { id }', { activityId: other.id, category: 'WORK' }, member);
await write('decideLeave', 'leave { id }', { leaveId: leave.id, accept: true });
assert.ok(stays.id && met.length > 0);

const said = (messages, op) => messages.filter((message) => message.op === op);
for (const [name, { store, told, before }] of Object.entries(kept)) {
  await until(`${name}: the change of an activity`, () => told.activities.some(({ activity }) => activity?.place === '二楼会议室'));
  await until(`${name}: what was met`, () => met.every(({ id }) => told.obligations.some(({ obligationId }) => obligationId === id)));
  await until(`${name}: the lines`, () => said(told.inbox, 'UPSERT').length >= 2 && said(told.inbox, 'DELETE').length >= 1);
  const truth = await post(SCREEN, variables);
  const after = store.records();

  const ids = new Set(Object.values(told).flat().map(({ activityId, obligationId, itemId }) => activityId ?? obligationId ?? itemId));
  const differing = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    .filter((key) => !store.isRoot(key));
  const strange = differing.filter((key) => !ids.has(key.split(':').at(-1)));
  assert.deepEqual(strange, [], `${name}: records that no message told of`);
  assert.ok(differing.length >= 4, `${name}: ${differing}`);

  // What the store holds of each object, on the screen or told of since, is what the server says of it now.
  const nodes = [truth.activities, truth.obligations, truth.viewer.inbox].flatMap((list) => list.nodes);
  let compared = 0;
  for (const node of nodes) {
    const record = store.record(after, node.__typename, node.id);
    if (!record) continue;
    compared += 1;
    for (const [field, value] of Object.entries(node)) {
      if (field !== '__typename') assert.deepEqual(record[field], value, `${name}: ${node.__typename} ${node.id} ${field}`);
    }
  }
  assert.equal(compared, nodes.length, `${name}: every object is in the store`);
  // A line that went is told without the line: its record is as it was last told of, and no other object has its id.
  for (const { itemId, item } of said(told.inbox, 'DELETE')) {
    assert.equal(item, null);
    const last = said(told.inbox, 'UPSERT').findLast((message) => message.itemId === itemId)?.item;
    if (last) assert.equal(store.record(after, 'InboxItem', itemId).title, last.title, name);
    assert.ok(nodes.every(({ id }) => id !== itemId), `${name}: it went`);
  }
}
console.log('both stores hold what the server says');
process.exit(0);

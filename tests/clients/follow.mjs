// Follows `events` of one org with every npm client at once, each as its own documentation shows it, and prints what
// each of them hears: one JSON object a line. Nothing here knows of a cut connection but the clients themselves; all
// they are given is the last cursor, where they read the operation again when they try again.
// With `signIn` they ask for a new token each time they come back.
//   node follow.mjs '{"urls": ["http://…"], "token": "…", "after": "…", "organization": "org_…", "signIn": {"username": "…", "password": "…"}}'
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { RetryLink } from '@apollo/client/link/retry';
import { Client, subscriptionExchange } from '@urql/core';
import * as sse from 'graphql-sse';
import { Observable as RxObservable } from 'rxjs';
import * as ws from 'graphql-ws';
import WebSocket from 'ws';

const { urls, token, after, organization, signIn } = JSON.parse(process.argv[2]);
const query = `subscription Events($after: LogCursor, $within: OrganizationScopeInput) {
  events(after: $after, within: $within) {
    __typename
    ... on Change { cursor op entityId version }
    ... on Resumed { cursor replayed }
    ... on Gap { cursor cause }
    ... on Lagged { cursor }
  }
}`;
// The token of a client: the one it was given, then a new one for each time that it comes back.
async function bearer(mine) {
  if (!signIn || mine.tries() < 2) return { authorization: `Bearer ${token}` };
  for (const base of urls) {
    const answer = await fetch(`${base}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }', variables: { input: signIn } }),
    }).then((response) => response.json(), () => null);
    const fresh = answer?.data?.signIn?.accessToken;
    if (fresh) return { authorization: `Bearer ${fresh}` };
  }
  return { authorization: `Bearer ${token}` };
}
const within = { exactly: organization };

function follower(client) {
  let [last, tries] = [after, 0];
  const say = (what) => console.log(JSON.stringify({ client, ...what }));
  return {
    last: () => last,
    tries: () => tries,
    closed: ({ code }) => say({ closed: code }),
    // The variables as they are when they are sent: behind what was heard last.
    variables: { within, get after() { return last; } },
    address(scheme) {
      // To the next address for each time that it comes back, and then always to the last: a stock client takes one that
      // refuses the connection for the end.
      const base = urls[Math.min(tries++, urls.length - 1)];
      say({ tries });
      return `${base.replace(/^http/, scheme)}/graphql`;
    },
    sink: {
      next(result) {
        const event = result.data?.events;
        if (event) last = event.cursor;
        say(event ? { event } : { errors: result.errors ?? result.error });
      },
      error: (error) => say({ ended: 'error', code: error?.code, reason: String(error?.message ?? error?.reason) }),
      complete: () => say({ ended: 'complete' }),
    },
  };
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 300));
const socketClient = (mine) => ws.createClient({
  url: () => mine.address('ws'),
  webSocketImpl: WebSocket,
  connectionParams: () => bearer(mine),
  on: { closed: mine.closed },
  retryAttempts: 40,
  retryWait: soon,
});
const streamClient = (mine, singleConnection) => sse.createClient({
  url: () => mine.address('http'),
  headers: () => bearer(mine),
  singleConnection,
  retryAttempts: 40,
  retry: soon,
});
const apollo = (link) => new ApolloClient({ link, cache: new InMemoryCache() });
const retrying = new RetryLink({ delay: { initial: 300, max: 300, jitter: false }, attempts: { max: 40 } });

const start = {
  'graphql-ws'(mine) {
    socketClient(mine).subscribe({ query, variables: mine.variables }, mine.sink);
  },
  'graphql-sse'(mine) {
    streamClient(mine, false).subscribe({ query, variables: mine.variables }, mine.sink);
  },
  'graphql-sse, single connection'(mine) {
    streamClient(mine, true).subscribe({ query, variables: mine.variables }, mine.sink);
  },
  // Apollo copies the variables once: the link that reads them again stands in front of the socket.
  'apollo, socket'(mine) {
    const socket = socketClient(mine);
    const again = { subscribe: (payload, sink) => socket.subscribe({ ...payload, variables: mine.variables }, sink) };
    apollo(new GraphQLWsLink(again)).subscribe({ query: gql(query), variables: { within, after } }).subscribe(mine.sink);
  },
  // Over HTTP the cursor goes along as the header that event streams have for it.
  'apollo, multipart'(mine) {
    const resuming = new ApolloLink((operation, forward) => new RxObservable((observer) => {
      const running = bearer(mine).then((headers) => {
        operation.setContext({ headers: { ...headers, 'last-event-id': mine.last() } });
        return forward(operation).subscribe(observer);
      });
      return () => running.then((subscription) => subscription.unsubscribe());
    }));
    const http = new HttpLink({ uri: () => mine.address('http') });
    apollo(ApolloLink.from([retrying, resuming, http]))
      .subscribe({ query: gql(query), variables: { within, after } })
      .subscribe(mine.sink);
  },
  urql(mine) {
    const socket = socketClient(mine);
    const forwardSubscription = (request) => ({
      subscribe: (sink) => ({
        unsubscribe: socket.subscribe({ query: request.query, variables: mine.variables }, sink),
      }),
    });
    const client = new Client({
      url: `${urls[0]}/graphql`,
      preferGetMethod: false,
      exchanges: [subscriptionExchange({ forwardSubscription })],
    });
    client.subscription(query, { within, after }).subscribe((result) => {
      if (result.data || result.error) mine.sink.next(result);
    });
  },
};
for (const [client, run] of Object.entries(start)) run(follower(client));
// The clients' own timers do not keep the process; the test ends it.
setInterval(() => {}, 1000);

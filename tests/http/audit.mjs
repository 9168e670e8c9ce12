// Runs the audits of the GraphQL-over-HTTP specification (npm graphql-http) against a server.
// usage: node audit.mjs <origin of the server, or url of its /graphql> [access token]
import { serverAudits } from 'graphql-http';

const [given, token] = process.argv.slice(2);
if (!given) {
  console.error('usage: node audit.mjs <url> [token]');
  process.exit(2);
}

const url = new URL(given).pathname === '/' ? new URL('/graphql', given).href : given;
const fetchFn = (input, init = {}) => {
  const headers = new Headers(init.headers);
  if (token) headers.set('authorization', `Bearer ${token}`);
  return fetch(input, { ...init, headers });
};

const audits = serverAudits({ url, fetchFn });
let failed = 0;
for (const audit of audits) {
  const result = await audit.fn();
  if (result.status !== 'ok') {
    failed += 1;
    console.log(`${result.status} ${audit.id} ${audit.name}: ${result.reason}`);
  }
}
// A package that lost its audits must not look like a success.
const expected = 61;
if (audits.length !== expected) {
  console.log(`${audits.length} audits, expected ${expected}`);
  failed += 1;
}
console.log(`${audits.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

// Runs the audits of the GraphQL-over-HTTP specification (npm graphql-http) against a server.
// usage: node audit.mjs <url of /graphql> [access token]
import { serverAudits } from 'graphql-http';

const [url, token] = process.argv.slice(2);
if (!url) {
  console.error('usage: node audit.mjs <url> [token]');
  process.exit(2);
}

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

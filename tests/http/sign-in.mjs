// Prints an access token of the demo's first account: node sign-in.mjs URL ACCOUNTS_FILE
import { readFile } from 'node:fs/promises';

const [url, file] = process.argv.slice(2);
const read = JSON.parse(await readFile(file, 'utf8'));
const [{ username, password }] = Array.isArray(read) ? read : read.accounts;
const query = `mutation SignIn($input: SignInInput!) {
  signIn(input: $input) { accessToken userErrors { code message } }
}`;
const answer = await fetch(new URL('/graphql', url), {
  method: 'POST',
  headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
  body: JSON.stringify({ query, variables: { input: { username, password } } }),
});
const body = await answer.json();
const token = body.data?.signIn?.accessToken;
if (!token) {
  console.error(`no access token (${answer.status}): ${JSON.stringify(body)}`);
  process.exit(1);
}
console.log(token);

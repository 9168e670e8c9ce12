// Opens GraphiQL in a headless Chromium, runs `{ __typename }`, and fails when anything is asked of another host.
// usage: node graphiql.mjs <origin of the server> [access token]     (CHROMIUM=/path, or chromium on PATH)
// With a token GraphiQL must also get the whole schema by introspection.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';

const [origin, token] = process.argv.slice(2);
if (!origin) {
  console.error('usage: node graphiql.mjs <origin>');
  process.exit(2);
}

function browser() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here.
      }
    }
  }
  console.error('no Chromium: set CHROMIUM or put chromium on PATH');
  process.exit(2);
}

const faults = [];
const open = await chromium.launch({ executablePath: browser(), args: ['--no-sandbox', '--disable-dev-shm-usage'] });
try {
  const page = await open.newPage();
  if (token) await page.setExtraHTTPHeaders({ authorization: `Bearer ${token}` });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol) && url.host !== new URL(origin).host) {
      faults.push(`asked another host: ${url.origin}`);
    }
  });
  page.on('pageerror', (error) => faults.push(`page error: ${error.message}`));
  page.on('console', (message) => {
    if (/Content.Security.Policy/i.test(message.text())) faults.push(`policy: ${message.text()}`);
  });
  const introspected = token && page.waitForResponse(
    (response) => (response.request().postData() ?? '').includes('IntrospectionQuery'),
    { timeout: 60_000 },
  );
  await page.goto(new URL('/graphiql/', origin).href, { waitUntil: 'load' });
  const run = page.locator('.graphiql-execute-button');
  await run.waitFor({ timeout: 60_000 });
  // The default document is `{ __typename }` under a comment.
  await page.locator('.graphiql-query-editor .view-line').first().waitFor({ timeout: 60_000 });
  const answered = page.waitForResponse(
    (response) => response.url().endsWith('/graphql') && (response.request().postData() ?? '').includes('__typename') &&
      !(response.request().postData() ?? '').includes('IntrospectionQuery'),
    { timeout: 30_000 },
  );
  await run.click();
  const body = await (await answered).json();
  if (typeof body.data?.__typename !== 'string') faults.push(`no data: ${JSON.stringify(body)}`);
  if (token) {
    const schema = await (await introspected).json();
    if (!schema.data?.__schema) faults.push(`no schema: ${JSON.stringify(schema).slice(0, 500)}`);
  }
  await page.locator('.graphiql-response').getByText('__typename').first().waitFor({ timeout: 30_000 });
} catch (error) {
  faults.push(String(error.message ?? error));
} finally {
  await open.close();
}

for (const fault of faults) console.log(fault);
console.log(faults.length === 0 ? 'GraphiQL renders, runs and stays at home' : `${faults.length} faults`);
process.exit(faults.length === 0 ? 0 : 1);

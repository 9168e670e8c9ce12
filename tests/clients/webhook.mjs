// Verifies messages of webhooks with the stock client of the Standard Webhooks specification: a JSON list of
// { secret, headers, body } on standard input; for each line `true`, or why not.
import { readFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';

for (const { secret, headers, body } of JSON.parse(readFileSync(0, 'utf8'))) {
  try {
    new Webhook(secret).verify(body, headers);
    console.log('true');
  } catch (error) {
    console.log(String(error));
  }
}

// What is told of the work: lines of JSON.

export function say(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

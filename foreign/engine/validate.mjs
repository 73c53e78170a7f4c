// node validate.mjs SCHEMA FOLDER: validates every GraphQL file below a folder, with all rules of the specification.
// Prints the number of valid documents; for each other one, a line on stderr.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, validate } from 'graphql';
import { readSchema } from './schema.mjs';

const [file, folder] = process.argv.slice(2);
const schema = readSchema(file);
let valid = 0;
for (const name of readdirSync(folder, { recursive: true }).sort()) {
  if (!name.endsWith('.graphql')) continue;
  const errors = validate(schema, parse(readFileSync(join(folder, name), 'utf8'), { noLocation: true }));
  if (errors.length === 0) valid += 1;
  else console.error(`${name}: ${errors[0].message}`);
}
console.log(valid);

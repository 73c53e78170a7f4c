// Reads a schema as the engine `graphql` has it: SDL, or an introspection result as JSON.
import { readFileSync } from 'node:fs';
import { buildClientSchema, buildSchema } from 'graphql';

export function readSchema(file) {
  const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  // Schemas are taken as they are published, also with names that begin with `__`.
  const options = { assumeValid: true, assumeValidSDL: true };
  if (!text.trimStart().startsWith('{')) return buildSchema(text, options);
  const result = JSON.parse(text);
  return buildClientSchema(result.data ?? result, options);
}

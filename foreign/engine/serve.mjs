// node serve.mjs SCHEMA: serves a schema on a free loopback port with made-up data, until stdin ends. Prints the port.
//
// Every connection has 7 records and pages. A mutation with the text "refused" in its variables is refused in the
// convention of the API: its payload has errors and no records. All other payloads have no errors.
import { createServer } from 'node:http';
import { addMocksToSchema, createMockStore } from '@graphql-tools/mock';
import {
  execute, getNamedType, getNullableType, isAbstractType, isLeafType, isListType, isNonNullType,
  isObjectType, isScalarType, parse, validate,
} from 'graphql';
import { readSchema } from './schema.mjs';

const RECORDS = 7;
const NODE_LIMIT = 100;

const bare = readSchema(process.argv[2]);
const isOwn = (type) => !type.name.startsWith('__');
const types = Object.values(bare.getTypeMap()).filter(isOwn);
const payloads = new Set(
  Object.values(bare.getMutationType()?.getFields() ?? {}).map((field) => getNamedType(field.type)).filter(isObjectType),
);
const isErrorList = (field) =>
  /(^e|E)rrors$/.test(field.name) && isListType(getNullableType(field.type)) && !isLeafType(getNamedType(field.type));
const errorTypes = new Set(
  [...payloads].flatMap((type) => Object.values(type.getFields()).filter(isErrorList)).map((it) => getNamedType(it.type)),
);

// Values of scalars, by the words in their names.
const SCALARS = [
  [/date_?time|timestamp/i, '2024-05-06T07:08:09Z'], [/^date$|TimelessDate$/i, '2024-05-06'],
  [/uri|url/i, 'https://example.com/it'], [/decimal|money|weight/i, '12.50'], [/int|long|minute|day$/i, '7'],
  [/^json(object)?$|^metadata$|^generic/i, { made: 'up' }],
];
const scalar = (name) => SCALARS.find(([words]) => words.test(name))?.[1] ?? `made-up ${name}`;
const BUILT_IN = { Int: () => 42, Float: () => 1.5, String: () => 'made up', Boolean: () => true };
const mocks = { ...BUILT_IN };
for (const type of types) {
  if (isScalarType(type) && !(type.name in BUILT_IN) && type.name !== 'ID') mocks[type.name] = () => scalar(type.name);
}
for (const type of errorTypes) {
  const { field, message } = type.getFields?.() ?? {};
  if (!message) continue;
  const path = field && (isListType(getNullableType(field.type)) ? ['input', 'name'] : 'name');
  mocks[type.name] = () => ({ message: 'name is not accepted', ...(field && { field: path }) });
}

const store = createMockStore({ schema: bare, mocks });
const schema = addMocksToSchema({ schema: bare, store });

// A record of a type; of an interface or a union, of one of its types after the other. Its id begins with its type.
function record(type, index, place) {
  const possible = isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
  const concrete = possible[index % possible.length];
  return isLeafType(concrete) ? `${place} ${index}` : store.get(concrete.name, `${concrete.name}/${place}/${index}`);
}

// The record of an id that `record` made.
function recordOf(id) {
  const [type] = id.split('/');
  return id.includes('/') && schema.getType(type) ? store.get(type, id) : null;
}

function connection(fields, args, info) {
  const place = `${info.parentType.name}.${info.fieldName}`;
  const selected = info.fieldNodes.flatMap((node) => node.selectionSet.selections.map((it) => it.name?.value));
  const edge = fields.edges && getNamedType(fields.edges.type).getFields();
  const type = getNamedType(fields.nodes?.type ?? edge.node.type);
  const { first, last } = args;
  if (first == null && last == null && selected.some((name) => ['nodes', 'edges'].includes(name))) throw new Error(`${place}: provide \`first\` or \`last\``);
  if ((first ?? last) > NODE_LIMIT) throw new Error(`${place}: at most ${NODE_LIMIT} records a page, not ${first ?? last}`);
  const position = (cursor) => Number(Buffer.from(cursor, 'base64').toString().replace('record ', ''));
  const cursor = (index) => Buffer.from(`record ${index}`).toString('base64');
  let [start, end] = [args.after ? position(args.after) + 1 : 0, args.before ? position(args.before) : RECORDS];
  if (first != null) end = Math.min(end, start + first);
  else if (last != null) start = Math.max(start, end - last);
  const indexes = Array.from({ length: Math.max(end - start, 0) }, (_, index) => start + index);
  const nodes = indexes.map((index) => record(type, index, place));
  return {
    totalCount: RECORDS,
    nodes,
    edges: nodes.map((node, index) => ({ cursor: cursor(indexes[index]), node })),
    pageInfo: {
      hasNextPage: end < RECORDS,
      hasPreviousPage: start > 0,
      startCursor: nodes.length ? cursor(start) : null,
      endCursor: nodes.length ? cursor(end - 1) : null,
    },
  };
}

const lookup = schema.getQueryType().getFields().node;
if (lookup?.args.length === 1) lookup.resolve = (_, args) => recordOf(Object.values(args)[0]);

// Pages and refusals, above the mocks.
for (const type of Object.values(schema.getTypeMap()).filter((type) => isOwn(type) && isObjectType(type))) {
  const isPayload = [...payloads].some((payload) => payload.name === type.name);
  for (const field of Object.values(type.getFields())) {
    const mock = field.resolve;
    const output = getNamedType(field.type);
    const fields = isObjectType(output) ? output.getFields() : {};
    if (fields.pageInfo && (fields.nodes || fields.edges) && field.args.some((argument) => argument.name === 'after')) {
      field.resolve = (_, args, context, info) => connection(fields, args, info);
    } else if (isPayload && isErrorList(field)) {
      field.resolve = (_, __, { refused }) => (refused ? [record(output, 0, field.name)] : []);
    } else if (isPayload && errorsOf(type) && !isNonNullType(field.type) && !isLeafType(output)) {
      field.resolve = (parent, args, context, info) => (context.refused ? null : mock(parent, args, context, info));
    }
  }
}

function errorsOf(type) {
  return Object.values(type.getFields()).some(isErrorList);
}

function isRefused(value) {
  if (value === 'refused') return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(isRefused);
}

async function answer(body) {
  const { query, variables, operationName } = JSON.parse(body);
  const document = parse(query);
  const errors = validate(schema, document);
  if (errors.length) return { errors };
  const contextValue = { refused: isRefused(variables) };
  return execute({ schema, document, variableValues: variables, operationName, contextValue });
}

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const result = await Promise.resolve(Buffer.concat(chunks).toString()).then(answer).catch((error) => ({ errors: [{ message: error.message }] }));
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(result));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume().on('end', () => process.exit());

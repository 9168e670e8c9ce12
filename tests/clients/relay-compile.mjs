// What relay-compiler makes of a document, for Relay's runtime.
import { readFileSync } from 'node:fs';
import { buildSchema, getNamedType, getNullableType, isAbstractType, isLeafType, isListType, parse } from 'graphql';

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));

// What relay-compiler writes for a document: the same selections, with the types of the contract beside them.
function selections(set, type) {
  return set.selections.map((node) => {
    if (node.kind === 'InlineFragment') {
      const on = schema.getType(node.typeCondition.name.value);
      return { kind: 'InlineFragment', type: on.name, abstractKey: null, selections: selections(node.selectionSet, on) };
    }
    const [name, alias] = [node.name.value, node.alias?.value ?? null];
    const args = node.arguments.map(argument);
    const common = { alias, args: args.length ? args : null, name, storageKey: null };
    if (name === '__typename') return { kind: 'ScalarField', ...common };
    const of = type.getFields()[name].type;
    const named = getNamedType(of);
    if (isLeafType(named)) return { kind: 'ScalarField', ...common };
    return {
      kind: 'LinkedField', ...common, concreteType: isAbstractType(named) ? null : named.name, plural: isListType(getNullableType(of)),
      selections: selections(node.selectionSet, named),
    };
  });
}
const literal = (node) => {
  if (node.kind === 'ObjectValue') return Object.fromEntries(node.fields.map((field) => [field.name.value, literal(field.value)]));
  return node.value;
};
const argument = ({ name, value }) => (value.kind === 'Variable'
  ? { kind: 'Variable', name: name.value, variableName: value.name.value }
  : { kind: 'Literal', name: name.value, value: literal(value) });

export function concrete(text) {
  const [definition] = parse(text).definitions;
  const { operation: operationKind, name: { value: name } } = definition;
  const root = { query: schema.getQueryType(), mutation: schema.getMutationType(), subscription: schema.getSubscriptionType() }[operationKind];
  const argumentDefinitions = definition.variableDefinitions.map(({ variable }) => ({
    defaultValue: null, kind: 'LocalArgument', name: variable.name.value,
  }));
  const chosen = selections(definition.selectionSet, root);
  return {
    kind: 'Request',
    fragment: { abstractKey: null, argumentDefinitions, kind: 'Fragment', metadata: null, name, selections: chosen, type: root.name },
    operation: { argumentDefinitions, kind: 'Operation', name, selections: chosen },
    params: { cacheID: name, id: null, metadata: {}, name, operationKind, text },
  };
}

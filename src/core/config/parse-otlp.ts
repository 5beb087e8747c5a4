import { DEFAULT_OTLP_RULES, type OtlpRules, TRANSLATION_STRATEGIES } from '../otlp/otlp-rules.ts';
import { boolean, fullText, listOf, type Note, oneOf, optional, record } from './readers.ts';
import { spotOf, type Tree } from './tree.ts';

const fields = record(
  {
    translation_strategy: optional(oneOf(...TRANSLATION_STRATEGIES), DEFAULT_OTLP_RULES.strategy),
    promote_resource_attributes: optional(listOf(fullText), []),
    promote_all_resource_attributes: optional(boolean, false),
    ignore_resource_attributes: optional(listOf(fullText), []),
    keep_identifying_resource_attributes: optional(boolean, false),
    promote_scope_metadata: optional(boolean, false),
  },
  ['convert_histograms_to_nhcb', 'label_name_underscore_sanitization', 'label_name_preserve_multiple_underscores'],
);

/** The section `otlp`, with the keys of Prometheus; null stands for its defaults. */
export function parseOtlpRules(tree: Tree | null, note: Note): OtlpRules | undefined {
  if (tree === null) return DEFAULT_OTLP_RULES;
  const value = fields(tree, note);
  if (value === undefined) return undefined;
  const { promote_resource_attributes: some, promote_all_resource_attributes: isAll, ignore_resource_attributes: ignored } = value;
  const wrong =
    isAll && some.length > 0
      ? 'give promote_resource_attributes or promote_all_resource_attributes'
      : !isAll && ignored.length > 0
        ? 'ignore_resource_attributes needs promote_all_resource_attributes'
        : null;
  if (wrong !== null) {
    note(spotOf(tree, isAll ? 'promote_resource_attributes' : 'ignore_resource_attributes'), wrong);
    return undefined;
  }
  return {
    strategy: value.translation_strategy,
    promoted: isAll ? 'all' : some,
    ignored,
    isIdentityKept: value.keep_identifying_resource_attributes,
    isScopePromoted: value.promote_scope_metadata,
  };
}

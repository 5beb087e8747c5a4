import { type Labels, NAME } from '../base/labels.ts';
import { formatOpenMetrics } from '../promql/number.ts';
import type { Relabelling } from './relabel.ts';
import type { ScrapeLimits } from './scrape-job.ts';

/** What makes of the labels that a target writes those that are stored. */
export interface LabelRules {
  readonly target: Labels;
  readonly honorLabels: boolean;
  readonly relabelling: Relabelling;
  readonly limits: ScrapeLimits;
  /** 'legacy': names of metrics and labels are of ASCII letters, digits and `_`. */
  readonly names: 'utf8' | 'legacy';
}

/** The labels of a scraped series with those of its target; where both have one, `honor_labels` says whose stays under its name. */
function withTargetLabels(scraped: Labels, target: Labels, honorLabels: boolean): Labels {
  const labels: Record<string, string> = { ...scraped };
  for (const [name, value] of Object.entries(target)) {
    const taken = Object.hasOwn(labels, name) ? labels[name] : undefined;
    if (taken === undefined) {
      labels[name] = value;
      continue;
    }
    if (honorLabels) continue;
    let renamed = `exported_${name}`;
    while (Object.hasOwn(labels, renamed) || Object.hasOwn(target, renamed)) renamed = `exported_${renamed}`;
    labels[renamed] = taken;
    labels[name] = value;
  }
  return labels;
}

/** The labels to store; null: relabelling dropped the series; a text: it breaks a rule, and with it the whole scrape. */
export function storedLabels(scraped: Labels, type: string, rules: LabelRules): Labels | string | null {
  const merged = withTargetLabels(withFloatLabels(scraped, type), rules.target, rules.honorLabels);
  const labels = rules.relabelling.isEmpty ? merged : rules.relabelling.apply(merged);
  if (labels === null) return null;
  if ((labels[NAME] ?? '') === '') return 'a series has no metric name';
  return (rules.names === 'legacy' ? whyNotLegacy(labels) : null) ?? whyTooLong(labels, rules.limits) ?? labels;
}

const LEGACY_METRIC = /^[a-zA-Z_:][\w:]*$/;
const LEGACY_LABEL = /^[a-zA-Z_]\w*$/;

function whyNotLegacy(labels: Labels): string | null {
  const name = labels[NAME] ?? '';
  if (!LEGACY_METRIC.test(name))
    return `${JSON.stringify(name.slice(0, 100))} is no metric name under metric_name_validation_scheme: legacy`;
  const wrong = Object.keys(labels).find((label) => !LEGACY_LABEL.test(label));
  if (wrong === undefined) return null;
  return `${name.slice(0, 100)}: ${JSON.stringify(wrong.slice(0, 100))} is no label name under metric_name_validation_scheme: legacy`;
}

/** `le` and `quantile` are numbers: `1` and `1.0` are the same series, written as OpenMetrics writes it. */
function withFloatLabels(labels: Labels, type: string): Labels {
  const name = type === 'histogram' || type === 'gaugehistogram' ? 'le' : type === 'summary' ? 'quantile' : '';
  const text = name === '' || !Object.hasOwn(labels, name) ? undefined : labels[name];
  if (text === undefined) return labels;
  const value = text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
  return Number.isNaN(value) || text.trim() === '' ? labels : { ...labels, [name]: formatOpenMetrics(value) };
}

function whyTooLong(labels: Labels, { labels: most, labelNameLength, labelValueLength }: ScrapeLimits): string | null {
  if (most === 0 && labelNameLength === 0 && labelValueLength === 0) return null;
  const series = (labels[NAME] ?? '').slice(0, 100);
  const entries = Object.entries(labels);
  if (most > 0 && entries.length > most) return `${series} has ${entries.length} labels, label_limit is ${most}`;
  for (const [name, value] of entries) {
    if (labelNameLength > 0 && name.length > labelNameLength)
      return `${series} has a label name of ${name.length} characters, label_name_length_limit is ${labelNameLength}`;
    if (labelValueLength > 0 && value.length > labelValueLength)
      return `${series} has a label value of ${value.length} characters, label_value_length_limit is ${labelValueLength}`;
  }
  return null;
}

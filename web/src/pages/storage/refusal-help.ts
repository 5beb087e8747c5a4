/** What a reason means to people, and what to do about it. */
export interface RefusalHelp {
  readonly what: string;
  readonly todo: string;
}

const MALFORMED = 'The sender is wrong: its log says which series it is. Nothing of Tocsin needs to be changed.';

const HELP: Readonly<Record<string, RefusalHelp>> = {
  'series-limit': {
    what: 'There are as many series as the limit allows',
    todo: 'Drop labels that make many series (see the tables above), or raise storage.series.max_series if there is memory for them.',
  },
  'series-limit-of-source': {
    what: 'One sender has as many series as it may have',
    todo: 'Find the sender among those above and drop labels there, or raise its limit.',
  },
  'sample-too-old': {
    what: 'Older than what is still taken',
    todo: 'Compare the clock of the sender, or widen storage.series.out_of_order_window if samples arrive late on purpose.',
  },
  'sample-in-the-future': { what: 'Dated in the future', todo: 'Set the clock of the sender; NTP does it for good.' },
  'sample-contradicts-another': {
    what: 'Another value at the same moment',
    todo: 'Two senders use the same labels: give each its own, for instance with external_labels.',
  },
  'labels-malformed': { what: 'Labels that are not in order or double', todo: MALFORMED },
  'metric-name-missing': { what: 'No name of a metric', todo: MALFORMED },
  'labels-not-utf8': { what: 'Labels that are no text', todo: MALFORMED },
  'too-many-labels': { what: 'Too many labels on one series', todo: 'Drop labels at the sender with metric_relabel_configs.' },
  'label-name-too-long': { what: 'A name of a label is too long', todo: 'Drop or rename it at the sender.' },
  'label-value-too-long': {
    what: 'A value of a label is too long',
    todo: 'Texts do not belong into labels: drop the label at the sender.',
  },
};

export function helpOfRefusal(reason: string): RefusalHelp {
  const known = HELP[reason];
  if (known !== undefined) return known;
  return { what: reason.replaceAll('-', ' '), todo: reason.startsWith('histogram-') ? MALFORMED : 'The log of the sender says more.' };
}

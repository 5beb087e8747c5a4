import { Button, SegmentedControl } from '@mantine/core';
import { IconZoomReset } from '@tabler/icons-react';
import { serverNow } from '../../data/server-time.ts';
import { formatMoment } from '../../parts/format.ts';
import { LENGTHS, type LengthName, lengthName } from '../../plots/ranges.ts';

interface Props {
  readonly search: { readonly range?: string; readonly from?: number; readonly to?: number };
  /** What is shown when the address says nothing. */
  readonly usual: LengthName;
  readonly onChoose: (name: LengthName) => void;
}

/** Which part of time the charts show; after zooming, the way back. */
export function RangePicker({ search, usual, onChoose }: Props) {
  if (search.from !== undefined && search.to !== undefined) {
    const now = serverNow();
    return (
      <Button variant="default" leftSection={<IconZoomReset size={16} aria-hidden />} onClick={() => onChoose(usual)}>
        {formatMoment(search.from, now)} – {formatMoment(search.to, now)}
      </Button>
    );
  }
  return (
    <SegmentedControl
      aria-label="Time range"
      data={Object.keys(LENGTHS)}
      value={lengthName(search.range, usual)}
      onChange={(value) => onChoose(lengthName(value, usual))}
    />
  );
}

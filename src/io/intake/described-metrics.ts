import { Fnv1a64 } from '../../core/base/hash.ts';
import type { WriteMetadata } from '../../core/wire/encode-write.ts';

const MOST = 50_000;

/** What was said of metrics and is stored: it is not said again with every request. */
export class DescribedMetrics {
  private readonly said = new Set<string>();

  /** Those of them that were not said before; they count as said from now on. */
  news(metrics: readonly WriteMetadata[]): readonly WriteMetadata[] {
    return metrics.filter((one) => {
      const digest = digestOf(one);
      if (this.said.has(digest)) return false;
      if (this.said.size >= MOST) this.said.clear();
      this.said.add(digest);
      return true;
    });
  }

  /** Nothing counts as said. */
  clear(): void {
    this.said.clear();
  }
}

function digestOf({ name, type, help, unit }: WriteMetadata): string {
  const hash = new Fnv1a64();
  for (const text of [name, type, unit, help]) {
    hash.addText(text);
    hash.addByte(0xff);
  }
  return hash.hex();
}

import { TocsinMark } from '../parts/mark.tsx';

/** While a page's code is on its way. */
export function Starting() {
  return (
    <div role="status" aria-label="Loading" style={{ display: 'grid', placeItems: 'center', minHeight: '50vh', opacity: 0.35 }}>
      <TocsinMark size={48} />
    </div>
  );
}

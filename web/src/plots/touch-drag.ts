import type uPlot from 'uplot';

/** A finger that moves less across the chart taps it. */
const LEAST_PIXELS = 8;

/** Lets a finger select a part of time, as uPlot lets a mouse. A movement up or down stays with the page, which scrolls. */
export function bindTouchDrag(plot: uPlot): void {
  const { over } = plot;
  let from: number | null = null;
  let isSelecting = false;
  const placeOf = (event: PointerEvent): number => {
    const { left, width } = over.getBoundingClientRect();
    return Math.min(Math.max(event.clientX - left, 0), width);
  };
  const end = (): void => {
    from = null;
    isSelecting = false;
  };
  over.addEventListener('pointerdown', (event) => {
    // A second finger ends what the first began.
    if (event.pointerType === 'touch') from = event.isPrimary ? placeOf(event) : null;
  });
  over.addEventListener('pointermove', (event) => {
    if (from === null || !event.isPrimary) return;
    const at = placeOf(event);
    if (!isSelecting && Math.abs(at - from) < LEAST_PIXELS) return;
    if (!isSelecting) over.setPointerCapture(event.pointerId);
    isSelecting = true;
    plot.setCursor({ left: at, top: over.clientHeight / 2 });
    plot.setSelect({ left: Math.min(from, at), top: 0, width: Math.abs(at - from), height: over.clientHeight }, false);
  });
  over.addEventListener('pointerup', () => {
    if (isSelecting) plot.setSelect(plot.select);
    end();
  });
  over.addEventListener('pointercancel', () => {
    if (isSelecting) plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    end();
  });
}

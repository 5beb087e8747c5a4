/** A running sum with the compensation of Kahan and Neumaier, so that the order and size of the terms hardly matter. */
export class KahanSum {
  sum = 0;
  compensation = 0;

  add(term: number): void {
    const { sum } = this;
    const total = sum + term;
    // Infinities have no rounding error to keep.
    if (!Number.isFinite(total)) this.compensation = 0;
    else if (Math.abs(sum) >= Math.abs(term)) this.compensation += sum - total + term;
    else this.compensation += term - total + sum;
    this.sum = total;
  }

  get total(): number {
    return Number.isFinite(this.sum) ? this.sum + this.compensation : this.sum;
  }
}

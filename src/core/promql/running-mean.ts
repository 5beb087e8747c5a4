/** A mean that does not overflow although the sum may. */
export class RunningMean {
  #sum = 0;
  #compensation = 0;
  #count = 0;
  #incremental = false;

  add(term: number): void {
    this.#count += 1;
    if (this.#count === 1) {
      this.#sum = term;
      return;
    }
    if (!this.#incremental) {
      const total = this.#sum + term;
      if (Math.abs(total) !== Number.POSITIVE_INFINITY) {
        this.#increment(term);
        return;
      }
      this.#incremental = true;
      this.#sum /= this.#count - 1;
      this.#compensation /= this.#count - 1;
    }
    const share = (this.#count - 1) / this.#count;
    this.#sum *= share;
    this.#compensation *= share;
    this.#increment(term / this.#count);
  }

  #increment(term: number): void {
    const total = this.#sum + term;
    if (Math.abs(total) === Number.POSITIVE_INFINITY) this.#compensation = 0;
    else if (Math.abs(this.#sum) >= Math.abs(term)) this.#compensation += this.#sum - total + term;
    else this.#compensation += term - total + this.#sum;
    this.#sum = total;
  }

  /** How many terms were added. */
  get count(): number {
    return this.#count;
  }

  get mean(): number {
    return this.#incremental ? this.#sum + this.#compensation : this.#sum / this.#count + this.#compensation / this.#count;
  }
}

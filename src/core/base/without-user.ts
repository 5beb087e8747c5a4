/** A web address without the user and the password that may stand in it, so that it can be shown. */
export function withoutUser(address: string): string {
  return address.replace(/^(https?:\/\/)[^/@]*@/i, '$1');
}

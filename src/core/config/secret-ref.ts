/** Where a secret stands: in the file itself, in the encrypted store, in the environment, or in a file. */
export type SecretRef =
  | { readonly kind: 'literal'; readonly value: string }
  | { readonly kind: 'secret' | 'env' | 'file'; readonly name: string };

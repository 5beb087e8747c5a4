/** One Alertmanager matcher on a label; an absent label counts as the empty text. Expressions are anchored and RE2-safe. */
export interface LabelMatcher {
  readonly name: string;
  readonly op: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

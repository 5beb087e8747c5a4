const USER_NAME = /^[A-Za-z_][A-Za-z0-9_.@-]{0,63}$/;

/** Whether a text can be the name of a user of a host: never an option, never two words. Whether the host knows it is another question. */
export function isUserName(text: string): boolean {
  return USER_NAME.test(text);
}

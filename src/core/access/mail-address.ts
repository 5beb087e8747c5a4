/** One address of mail without a name beside it, as a user has it: at most 254 characters (RFC 5321, 4.5.3.1.3 and its erratum 1690). */
export const MAIL_ADDRESS = /^(?=.{3,254}$)[^\s<>@,;:"\\()[\]]+@[^\s<>@,;:"\\()[\]]+$/;

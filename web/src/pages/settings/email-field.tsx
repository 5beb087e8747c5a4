import { TextInput, type TextInputProps } from '@mantine/core';
import { MAIL_ADDRESS } from '../../../../src/core/access/mail-address.ts';

/** The mail address of a person, with what it is good for. */
export function EmailField(props: TextInputProps) {
  return (
    <TextInput
      label="Email"
      type="email"
      autoComplete="off"
      maxLength={254}
      description="Optional. Mails that ask for their decision go there: whoever reads them can decide in their name."
      {...props}
    />
  );
}

/** Why this cannot be an address, null when it can or is empty. */
export function whyNoAddress(text: string): string | null {
  const address = text.trim();
  return address === '' || MAIL_ADDRESS.test(address) ? null : 'One address, such as alice@example.com';
}

import { Button, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, ReactNode } from 'react';

type Props = ButtonProps & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ButtonProps> & { readonly children?: ReactNode };

/** A button that leads to another page of ours. */
export const LinkButton = createLink((props: Props) => <Button component="a" {...props} />);

import { Link, type LinkProps } from '@tanstack/react-router';
import type { ComponentProps, ReactNode } from 'react';

type Weight = 'main' | 'plain' | 'quiet' | 'danger';

const looks: Record<Weight, string> = {
  main: 'bg-act text-act-ink border-act hover:opacity-90',
  plain: 'bg-panel text-ink border-line-strong hover:bg-sunken',
  quiet: 'bg-transparent text-soft border-transparent hover:bg-sunken hover:text-ink',
  danger: 'bg-panel text-alert border-alert hover:bg-alert-wash',
};

function look(weight: Weight, slim: boolean): string {
  const size = slim ? 'min-h-7 px-2' : 'min-h-9 px-4';
  const words = weight === 'quiet' ? 'font-normal' : 'font-strong';
  return `${looks[weight]} ${size} ${words} inline-flex items-center justify-center gap-2 rounded-md border whitespace-nowrap no-underline transition-opacity duration-100 disabled:opacity-50`;
}

interface Look {
  weight?: Weight;
  slim?: boolean;
}

export function Button({ weight = 'plain', slim = false, ...rest }: ComponentProps<'button'> & Look) {
  return <button type="button" {...rest} className={look(weight, slim)} />;
}

export function ButtonLink({
  weight = 'plain',
  slim = false,
  children,
  ...rest
}: LinkProps & Look & { children: ReactNode }) {
  return (
    <Link {...rest} className={look(weight, slim)}>
      {children}
    </Link>
  );
}

/** An act that is not what the page is for: it looks like a link, and stands in line with the text. */
export function TextButton(props: ComponentProps<'button'>) {
  return <button type="button" {...props} className="number-link self-start text-left text-soft" />;
}

/** A number that opens the rows behind it. */
export function NumberLink({
  children,
  label,
  ...rest
}: LinkProps & { children: ReactNode; label?: string }) {
  return (
    <Link {...rest} className="number-link above-row" aria-label={label}>
      {children}
    </Link>
  );
}

/** A link in a sentence. */
export function TextLink({ children, ...rest }: LinkProps & { children: ReactNode }) {
  return (
    <Link {...rest} className="number-link">
      {children}
    </Link>
  );
}

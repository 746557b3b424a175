import { asksOf, isUrgent } from './asks.ts';
import { defang, hostOfAddress, isFreeHost } from './domains.ts';
import { note, strongly, weakly } from './evidence.ts';
import type { Link } from './links.ts';
import { lookalikeOf } from './lookalike.ts';
import type { Mail, Part } from './mail.ts';
import { type CompiledRegister, isSameOrganisation } from './register.ts';
import { hasHidden, withoutHidden } from './skeleton.ts';
import type { Evidence } from './types.ts';

/** What a message holds and wants. Nothing of it ever speaks for the sender. */

export interface About {
  vendor: { id: string; name: string } | null;
  /** Of the sender; null: none. */
  host: string | null;
  /** The sender's domain is proven: its click counters are its own choice. */
  proven: boolean;
}

const dangerous =
  /\.(?:html?|shtml|svg|xhtml|hta|js|jse|vbs|wsf|lnk|iso|img|vhdx?|exe|scr|msi|bat|cmd|ps1|jar|apk|dmg|pkg|docm|xlsm|pptm|one|url|library-ms)$/i;
const archives = /\.(?:zip|rar|7z|gz|tgz|bz2|xz|cab|ace|arj)$/i;
const typed = /^(?:text\/html|image\/svg\+xml|application\/(?:x-msdownload|x-sh|hta|javascript))$/;

export function contentFindings(
  mail: Mail,
  links: readonly Link[],
  words: string,
  register: CompiledRegister,
  about: About,
): Evidence[] {
  const asks = asksOf(`${mail.subject}\n${words}`);
  const found = [
    ...linkFindings(links, register, about),
    ...replyFindings(mail, register, about),
    ...mail.parts.flatMap(attachmentFindings),
  ];
  for (const ask of asks) {
    if (ask === 'sign_in') continue;
    found.push(weakly(`asks_${ask}`, askWords[ask] ?? 'It asks for something that only you should have.'));
  }
  if (asks.includes('sign_in')) found.push(note('asks_sign_in', 'It asks you to sign in or to click.'));
  // Vendors hurry people too: of a sender that is proven and registered it says nothing.
  if (isUrgent(`${mail.subject}\n${words}`))
    found.push((about.proven ? note : weakly)('urgent', 'It hurries you.'));
  if (hasHidden(mail.subject))
    found.push(weakly('hidden_in_subject', 'Its subject holds characters that show nothing.'));
  for (const name of twice(mail))
    found.push(
      weakly('header_twice', `It says its ${name} more than once: which one is shown differs by program.`, {
        value: name,
      }),
    );
  if (mail.unread) found.push(weakly('too_deep', 'A message within it lies too deep to be looked at.'));
  return found;
}

const single = ['subject', 'to', 'cc', 'date', 'reply-to', 'sender', 'content-type'];

/** What people or their programs read of a header, and what stands there more than once. A signature covers the last one of each alone. */
const twice = ({ headers }: Mail): string[] =>
  single.filter((name) => headers.filter(({ key }) => key === name).length > 1);

const askWords: Record<string, string> = {
  credential: 'It asks you to confirm an account or to give a password.',
  code: 'It asks for a code.',
  key: 'It asks for a key.',
  payment: 'It asks for money or payment details.',
  install: 'It asks you to open or install something.',
  call: 'It asks you to call a number.',
};

const MOST_TOLD = 5;

function linkFindings(links: readonly Link[], register: CompiledRegister, about: About): Evidence[] {
  const found: Evidence[] = [];
  const seen = new Set<string>();
  for (const link of links) {
    const { host } = link;
    const value = defang(link.href.slice(0, 200));
    if (link.from === 'form')
      found.push(strongly('form', 'It holds a form that sends what you type elsewhere.', { value }));
    if (link.from === 'refresh')
      found.push(strongly('refresh', 'It tries to open a page by itself.', { value }));
    if (/^(?:data|javascript|vbscript|file|blob)$/.test(link.scheme))
      found.push(strongly('active_link', 'A link runs something instead of leading to a page.', { value }));
    if (host === null) continue;
    if (link.hasUser)
      found.push(strongly('user_in_link', 'A link puts another name before its host.', { value }));
    if (/^[\d.]+$|:/.test(host))
      found.push(weakly('bare_address', 'A link leads to a bare address.', { value }));
    const owner = register.ownerOf(host);
    const isOwn = owner !== null && owner.id === about.vendor?.id;
    const shownHost = shownHostOf(link.shown);
    if (
      shownHost !== null &&
      !isSameOrganisation(shownHost, host) &&
      !isOwn &&
      !(about.proven && register.isTracker(host))
    ) {
      const says = register.ownerOf(shownHost);
      const say = says === null ? weakly : strongly;
      found.push(
        say('shown_elsewhere', `A link shows ${defang(shownHost)} and leads to ${defang(host)}.`, {
          value: defang(host),
        }),
      );
    }
    if (seen.has(`${link.from} ${host}`)) continue;
    seen.add(`${link.from} ${host}`);
    // A host that sends for a vendor is known, also where users of the vendor write there.
    const isKnown = owner !== null || register.senderOf(`x@${host}`) !== null;
    const like = isKnown ? null : lookalikeOf(host, register.domains);
    if (like !== null) {
      const say = like.strong ? strongly : weakly;
      found.push(
        say('link_lookalike', `A link leads to a name that passes for ${defang(like.like)}.`, {
          value: defang(host),
        }),
      );
    }
    if (link.from === 'qr')
      found.push(weakly('qr', `A picture leads to ${defang(host)}.`, { value: defang(host) }));
    if (isOwn) continue;
    if (register.isTracker(host)) {
      if (!about.proven)
        found.push(
          weakly(
            'tracker',
            'A link goes over a service that counts clicks; where it leads is not to be seen.',
            { value: defang(host) },
          ),
        );
      continue;
    }
    if (register.isShortener(host))
      found.push(weakly('shortener', 'A link leads elsewhere by design.', { value: defang(host) }));
    else if (isFreeHost(host))
      found.push(
        weakly('free_host', 'A link leads to a place where anybody can put pages.', { value: defang(host) }),
      );
    else if (about.vendor !== null && about.host !== null && !isSameOrganisation(host, about.host))
      found.push(note('leaves_vendor', `A link leaves ${about.vendor.name}.`, { value: defang(host) }));
    const inner = /[?&#=](?:https?(?::|%3a)(?:\/|%2f){2})/i.test(link.href);
    if (inner) found.push(weakly('open_redirect', 'A link carries another one in it.', { value }));
  }
  const told = new Map<string, number>();
  // Strong and weak apart, so that many weak ones do not crowd out a strong one.
  return found.filter(({ signal, strength }) => {
    const kind = `${signal} ${strength}`;
    const count = (told.get(kind) ?? 0) + 1;
    told.set(kind, count);
    return count <= MOST_TOLD;
  });
}

/** The host that a link's text says; null: it says none. */
function shownHostOf(shown: string): string | null {
  const plain = withoutHidden(shown).trim();
  const said =
    /^(?:https?:\/\/)?((?:[a-z0-9-]+\.)+[a-z]{2,24})(?:[/?#:]\S*)?$/i.exec(plain) ??
    /\bhttps?:\/\/((?:[a-z0-9-]+\.)+[a-z]{2,24})\b/i.exec(plain);
  return said?.[1] === undefined ? null : hostOfAddress(`x@${said[1]}`);
}

function replyFindings(mail: Mail, register: CompiledRegister, about: About): Evidence[] {
  return mail.replyTo.flatMap((address) => {
    const host = hostOfAddress(address);
    if (host === null || about.host === null || isSameOrganisation(host, about.host)) return [];
    const owner = register.ownerOf(host) ?? register.senderOf(address)?.vendor;
    if (owner !== undefined && owner !== null && owner.id === about.vendor?.id) return [];
    return [weakly('reply_elsewhere', `Answers go to ${defang(host)}.`, { value: defang(host) })];
  });
}

function attachmentFindings(part: Part): Evidence[] {
  const value = part.name.slice(0, 120);
  if (dangerous.test(part.name) || typed.test(part.type))
    return [
      strongly('active_attachment', 'It carries a file that can run, or a page of its own.', { value }),
    ];
  if (archives.test(part.name)) return [weakly('archive', 'It carries an archive.', { value })];
  return [];
}

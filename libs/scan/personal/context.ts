import { kindAt, LETTER, LOWER, UPPER } from './characters.ts';
import { hashStep, LONGEST_WORD, NO_WORD, WordTable } from './words.ts';

/** How far before a value a keyword may begin, in UTF-16 units. */
export const KEYWORD_REACH = 56;

/** What a keyword before a value speaks of, as bits. */
export const ABOUT = {
  phone: 1,
  card: 2,
  ssn: 4,
  nino: 8,
  steuerId: 16,
  nir: 32,
  spanish: 64,
  bsn: 128,
  pesel: 256,
  belgian: 512,
  swedish: 1024,
  ahv: 2048,
  codiceFiscale: 4096,
  iban: 8192,
  ip: 1 << 14,
  version: 1 << 15,
  birth: 1 << 16,
  address: 1 << 17,
  email: 1 << 18,
  mac: 1 << 19,
} as const;

/** Made from the nine languages' usual labels. Two words that only together tell are written as one. */
const KEYWORDS = new WordTable([
  [
    ABOUT.phone,
    `phone telephone tel telno mobile cell cellphone fax callme callus callat whatsapp sms telefon tel handy mobil mobilnummer rufnummer
    handynummer telefonnummer telefax portable telephone mobile fixe movil telefono celular cellulare telefoon
    telefoonnummer mobiel telefone telemovel telemovil komorka komorkowy telefonu telefonnr mobilnr phones msisdn gsm`,
  ],
  [
    ABOUT.card,
    'card cards visa mastercard amex discover maestro kreditkarte karte kartennummer carte tarjeta carta creditcard cartao karta karty kort kortnummer pan ccnumber cardnumber',
  ],
  [ABOUT.ssn, 'ssn socialsecurity social itin taxpayer'],
  [ABOUT.nino, 'nino nationalinsurance insurance ninumber'],
  [
    ABOUT.steuerId,
    'steuerid steueridnr steueridentifikationsnummer identifikationsnummer idnr steuer tin steuernummer',
  ],
  [ABOUT.nir, 'nir insee securitesociale secu securite numerodesecurite'],
  [ABOUT.spanish, 'dni nie nif documento'],
  [ABOUT.bsn, 'bsn burgerservicenummer sofinummer sofi burgerservice'],
  [ABOUT.pesel, 'pesel pesela peselu'],
  [ABOUT.belgian, 'rijksregisternummer rijksregister niss insz registrenational nationaal'],
  [ABOUT.swedish, 'personnummer personnr samordningsnummer pnr'],
  [ABOUT.ahv, 'ahv avs ahvnummer sozialversicherungsnummer oasi'],
  [ABOUT.codiceFiscale, 'codicefiscale fiscale'],
  [ABOUT.iban, 'iban konto kontonummer account rekening compte cuenta conto conta rachunek'],
  [
    ABOUT.ip,
    'ip ipaddress ipv4 ipv6 host addr remote client server gateway dns subnet peer connect connection login blocked ping address',
  ],
  [
    ABOUT.version,
    'version versions ver release build firmware versione versie versao wersja upgrade upgraded update updates updated patch roll section rev revision oid downgrade',
  ],
  [
    ABOUT.birth,
    `birth dob born birthday birthdate birthdays geboren geburtsdatum geburtstag geb naissance neele nele neeen neen
    nacimiento nacido nacida cumpleanos natoil natail nascita natoa nataa geboortedatum geboorte nascimento nascido nascida
    urodzenia urodzony urodzona urodzil urodzila fodd fodelsedatum fodelsedag`,
  ],
  [
    ABOUT.address,
    `address adresse anschrift wohnhaft wohnt wohne lives livesat live livingat residing resides shipto ship deliver
    delivery street habite domicile direccion domicilio vive indirizzo residente abita adres woont wonende endereco morada
    reside zamieszkaly zamieszkala mieszka adress bor bosatt located`,
  ],
  [ABOUT.email, 'email mail contact reach write kontakt correo courriel emailadresse'],
  [ABOUT.mac, 'mac macaddress hwaddr ether bssid'],
]);

/**
 * Which keywords begin at most `KEYWORD_REACH` before an index. Words between the same two places are hashed once, so
 * that all questions of one text together are linear.
 */
export class Context {
  #from = 0;
  #to = 0;
  #count = 0;
  /** The word before, for keywords of two words. */
  #before = NO_WORD;
  #beforeStart = -1;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #masks: number[] = [];

  reset(): void {
    this.#from = 0;
    this.#to = 0;
    this.#count = 0;
    this.#beforeStart = -1;
  }

  /** The bits of the keywords that stand wholly before `index`. */
  before(bytes: Uint8Array, index: number): number {
    const reach = Math.max(1, index - KEYWORD_REACH);
    if (reach > this.#to || reach < this.#from) {
      this.#from = reach;
      this.#to = reach;
      this.#count = 0;
      this.#beforeStart = -1;
    }
    if (this.#to < index) this.#extend(bytes, index);
    let about = 0;
    for (let each = this.#count - 1; each >= 0; each--) {
      const end = this.#ends[each] ?? 0;
      if (end < reach) break;
      if (end <= index && (this.#starts[each] ?? 0) >= reach) about |= this.#masks[each] ?? 0;
    }
    return about;
  }

  #extend(bytes: Uint8Array, index: number): void {
    let at = this.#to;
    // In the middle of a word that began too far away: that word does not count.
    if (at === this.#from) while (at < index && continues(bytes, at)) at++;
    while (at < index) {
      if ((kindAt(bytes, at) & LETTER) === 0) {
        at++;
        continue;
      }
      const start = at;
      let hash = NO_WORD;
      let both = this.#before;
      do {
        hash = hashStep(hash, bytes[at] ?? 0);
        both = hashStep(both, bytes[at] ?? 0);
        at++;
      } while (at < index && continues(bytes, at));
      // Cut by the index: the rest of the word may come with the next question.
      if (at === index && continues(bytes, at)) {
        at = start;
        break;
      }
      const mask = at - start > LONGEST_WORD ? 0 : KEYWORDS.get(hash);
      if (mask !== 0) this.#add(start, at, mask);
      if (this.#beforeStart >= 0 && start - this.#beforeStart <= LONGEST_WORD) {
        const together = KEYWORDS.get(both);
        if (together !== 0) this.#add(this.#beforeStart, at, together);
      }
      this.#before = hash;
      this.#beforeStart = start;
    }
    this.#to = at;
  }

  #add(start: number, end: number, mask: number): void {
    this.#starts[this.#count] = start;
    this.#ends[this.#count] = end;
    this.#masks[this.#count] = mask;
    this.#count++;
  }
}

/** Whether the word of the character before goes on: `phoneNumber` is two words. */
function continues(bytes: Uint8Array, at: number): boolean {
  const kind = kindAt(bytes, at);
  if ((kind & LETTER) === 0) return false;
  const before = kindAt(bytes, at - 1);
  return (before & LETTER) !== 0 && !((kind & UPPER) !== 0 && (before & LOWER) !== 0);
}

import { kindAt, LETTER, LOWER, UPPER } from './characters.ts';
import { hashStep, NO_WORD, WordTable } from './words.ts';

/** What a member's name says of its value, as bits; `WEAK` marks names that programs use for other things too. */
export const KEY = {
  name: 1,
  email: 2,
  phone: 4,
  address: 8,
  birth: 16,
  id: 32,
  card: 64,
  iban: 128,
  ip: 256,
  mac: 512,
  org: 1024,
  person: 2048,
  line: 4096,
  tracking: 8192,
  weak: 1 << 14,
} as const;

/** Names in nine languages without marks, with their words written as one. */
const KEYS = new WordTable([
  [
    KEY.name,
    `firstname givenname lastname surname familyname middlename fullname realname legalname customername
    contactname patientname employeename cardholder cardholdername accountholder holdername recipientname sendername
    vorname nachname familienname prenom nomdefamille apellido apellidos primerapellido nome cognome voornaam achternaam
    sobrenome apelido imie nazwisko imienazwisko fornamn efternamn maidenname birthname geburtsname`,
  ],
  [KEY.name | KEY.weak, 'name nom nombre naam namn nickname displayname username screenname'],
  [
    KEY.person,
    'customer patient employee recipient contact person candidate applicant client tenant guest passenger attendee student kunde ansprechpartner mitarbeiter cliente klant kund author sender owner manager assignee reporter user',
  ],
  [KEY.line, 'from to cc bcc von an de para da a van aan od do fran till'],
  [KEY.email, 'email mail emailaddress useremail mailaddress emailadresse correo courriel'],
  [
    KEY.phone,
    'phone phonenumber telephone tel mobile mobilephone mobilenumber cell cellphone fax telefon handy telefonnummer telefono telefoon telefone msisdn whatsapp',
  ],
  [
    KEY.address,
    `address streetaddress street addressline postaladdress homeaddress
    billingaddress shippingaddress adresse anschrift strasse direccion indirizzo adres endereco morada adress`,
  ],
  [KEY.address | KEY.weak, 'zip zipcode postalcode postcode plz codepostal codigopostal cap'],
  [
    KEY.birth,
    `dob birthdate dateofbirth birthday birth birthdayon dateofbirthday geburtsdatum geburtstag datenaissance
    datedenaissance fechanacimiento fechadenacimiento datadinascita datanascita geboortedatum datadenascimento
    datanascimento dataurodzenia fodelsedatum`,
  ],
  [
    KEY.id,
    `ssn socialsecuritynumber socialsecurity nationalid nationalidnumber nino nationalinsurancenumber taxid taxnumber
    steuerid steueridentifikationsnummer nir dni nie nif codicefiscale bsn pesel personnummer ahvnummer ahv passport
    passportnumber driverslicense driverlicense identitynumber idnumber rijksregisternummer niss`,
  ],
  [KEY.card, 'cardnumber ccnumber creditcard creditcardnumber pan kartennummer'],
  [KEY.iban, 'iban ibannumber bankaccount accountnumber'],
  [KEY.ip, 'ip ipaddress ipaddr clientip remoteip remoteaddr userip ipv'],
  [KEY.mac, 'mac macaddress hwaddr'],
  [
    KEY.org,
    'company companyname organization organisation organizationname organisationname orgname employer firma unternehmen entreprise empresa azienda bedrijf',
  ],
  [
    KEY.tracking,
    'uid userid customerid clientid contactid memberid subscriberid sid sessionid session visitorid deviceid gclid fbclid msclkid utmid ref referrer token invite search q query',
  ],
]);

/** A word that makes a name's last words count by themselves: `billing_phone`, `shipping_address`, `customer_email`. */
const SUFFIXES =
  KEY.email |
  KEY.phone |
  KEY.address |
  KEY.birth |
  KEY.id |
  KEY.card |
  KEY.iban |
  KEY.ip |
  KEY.mac |
  KEY.name;

/**
 * What the name in `bytes[start, end)` says, as bits of `KEY`: the whole, else its last two words, else its last.
 * Words are parted by case or by anything that is no letter.
 */
export function keyOf(bytes: Uint8Array, start: number, end: number): number {
  let whole = NO_WORD;
  let two = NO_WORD;
  let one = NO_WORD;
  let words = 0;
  let inside = false;
  for (let at = start; at < end; at++) {
    const kind = kindAt(bytes, at);
    if ((kind & LETTER) === 0) {
      // address1 and address2 are told apart by nothing.
      inside = false;
      continue;
    }
    if (!inside || ((kind & UPPER) !== 0 && (kindAt(bytes, at - 1) & LOWER) !== 0)) {
      two = one;
      one = NO_WORD;
      words++;
      inside = true;
    }
    const code = bytes[at] ?? 0;
    whole = hashStep(whole, code);
    two = hashStep(two, code);
    one = hashStep(one, code);
  }
  if (words === 0) return 0;
  const exact = KEYS.get(whole);
  if (exact !== 0 || words === 1) return exact;
  const both = words > 2 ? KEYS.get(two) & SUFFIXES : 0;
  if (both !== 0) return both;
  const last = KEYS.get(one);
  return (last & (KEY.weak | KEY.name)) === 0 ? last & SUFFIXES : 0;
}

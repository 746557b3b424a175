import { WordTable } from './words.ts';

export const TITLE = 1;
export const GREETING = 2;
export const SIGN_OFF = 4;
/** A name follows at once: `ich heiße …`. */
export const INTRODUCTION = 8;
/** `is` of "my name is", and what stands before it. */
export const COPULA = 16;
export const NAME = 32;
/** Small words inside names. */
export const PARTICLE = 64;
/** Written like a name after a greeting, and none. */
export const NOBODY = 128;

/** English, German, French, Spanish, Italian, Dutch, Portuguese, Polish, Swedish; without marks, as the scanner folds. */
export const NAME_WORDS = new WordTable([
  [
    TITLE,
    `mr mrs ms miss mx dr prof professor herr herrn frau monsieur madame mademoiselle mme mlle senor senora senorita sr
    sra srta don dona signor signora signorina sig dott dottore dottoressa ing avv dhr mevr mevrouw meneer heer senhor
    senhora pan pani pana pania panu froken fru sir lady lord`,
  ],
  [
    GREETING,
    `dear hi hello hey hallo liebe lieber liebes servus moin gruezi bonjour bonsoir salut cher chere coucou hola querido
    querida estimado estimada ciao caro cara gentile buongiorno salve beste geachte hoi dag ola prezado prezada oi czesc
    drogi droga witaj hej hejsan kara kare basta tjena`,
  ],
  [
    SIGN_OFF,
    `regards sincerely cheers thanks best yours faithfully wishes truly gruse gruesse grusse gruss grus gruse cordialement
    amicalement bien salutations merci saludos cordialmente atentamente abrazo gracias saluti distinti grazie groeten
    groet groetjes bedankt cumprimentos abracos obrigado obrigada abraco pozdrawiam pozdrowienia powazaniem halsningar
    halsning mvh mfg lg vg vh tack love xoxo`,
  ],
  [INTRODUCTION, 'heise heisse appelle llamo chiamo heet chamo heter imie namens'],
  [COPULA, 'is ist est es e ar sie'],
  [NAME, 'name nombre nome nom naam namn nazywam'],
  [
    PARTICLE,
    'von van de der den del della di da do dos das du la le el al bin ibn ben ter ten te zu zur af av y e',
  ],
  [
    NOBODY,
    `sir madam team all there everyone everybody world folks friends friend colleague colleagues customer customers support
    hiring manager recipient user users guest member members reader readers community damen herren kollegen kolleginnen
    kollege kunde kunden kundin leute zusammen alle freunde tous toutes equipe client clients todos todas equipo cliente
    clientes amigos tutti tutte squadra allemaal iedereen klant collega panstwo wszyscy alla kund the this that these those
    please i you we it they my our your thanks thank regards best sent chatgpt claude gpt gemini copilot siri alexa google
    assistant ai bot again from and or but not if when what how why is are was no yes god lord diary sirs admin
    administrator system welcome good guten sehr wie was ich wir sie das die der ein eine le la les un une je nous vous el
    los las yo en kitty jude mom mum dad mama papa honey darling
    leser leserin leserinnen mitarbeiter mitarbeiterin mitarbeitende eltern gaste nachbarn mitglieder studierende lecteurs
    lectrices abonnes amis lectores lettori lezers leitores czytelnicy lasare parents students reviewer reviewers editor`,
  ],
]);

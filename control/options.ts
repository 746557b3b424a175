import type { Resolver as MailResolver } from '@drawbridge/authenticity';
import type { Law } from '@drawbridge/clocks';
import type { DetectorPack, Pack } from '@drawbridge/protocol';
import type { LogPlaces } from './audit/index.ts';
import type { Exercise } from './exercises/index.ts';
import type { DeliveryNetwork } from './export/index.ts';
import type { Reached, Warning } from './identity/index.ts';
import type { Playbook } from './incidents/index.ts';
import type { MailLists, Reply } from './messages/index.ts';
import type { Template } from './notices/index.ts';
import type { ReadReplay } from './operations/index.ts';
import type { OutboundNetwork, Platform } from './platform/index.ts';
import type { Starter } from './policy/index.ts';
import type { Transfers } from './residency/index.ts';
import type { Vault } from './vault/index.ts';
import type { VendorFacts } from './vendors/index.ts';
import type { Bench } from './workbench/index.ts';

export interface ControlOptions {
  platform: Platform;
  vault: Vault;
  packs: readonly Pack[];
  /** What secrets of vendors look like, for gateways that look through free text. */
  detectors: DetectorPack['detectors'];
  /** What is publicly known of vendors; read when it is first asked for. */
  readFacts: () => Promise<readonly VendorFacts[]>;
  /** What the law says of transfers out of the European Economic Area. */
  transfers: Transfers;
  /** What the law says of deadlines; read when it is first asked for. */
  readClockLaw: () => Promise<Law>;
  /** What is done in which kind of incident. */
  playbooks: readonly Playbook[];
  /** What notices say, for each kind of reader. */
  noticeTemplates: readonly Template[];
  /** What is known of links and of mail on its way; read when it is first asked for. */
  readMailLists: () => Promise<MailLists>;
  /** What those who hand messages in can be answered. */
  messageReplies: readonly Reply[];
  /** Asks DNS for keys and policies of those who send mail. */
  messageResolver: MailResolver;
  /** Incidents of others, to be played. */
  exercises: readonly Exercise[];
  /** Policies that one can take over as they are. */
  starters: () => Promise<readonly Starter[]>;
  /** Packs of one's own, from files. */
  ownPacks?: readonly Pack[];
  /** Base URL of the gateway, without a trailing slash. */
  gatewayUrl: string;
  /** Lets the command on this machine in. */
  operatorToken: string;
  /** How browsers reach the console and the API. */
  reached: Reached;
  warnings: readonly Warning[];
  readReplay: ReadReplay;
  /** Tries requests as the gateway would take them. */
  bench: Bench;
  /** What pushing events to a SIEM needs from this machine. */
  exportNetwork: DeliveryNetwork;
  /** Where the epochs of the log of changes lie. */
  changeLog: LogPlaces;
  /** Where the root log lies. */
  rootLog: LogPlaces;
  /** What reaching witnesses needs from this machine. */
  witnessNetwork: OutboundNetwork;
  /** What reaching the issuers of people's and workloads' tokens needs from this machine. */
  issuerNetwork: OutboundNetwork;
  /** What reaching the organisation's mail server needs from this machine. */
  mailNetwork: OutboundNetwork;
  /** Certificate and key, PEM, that the listener for mail offers STARTTLS with; null: none is set. */
  intakeCertificate: () => Promise<{ cert: string; key: string } | null>;
  /** Path of the file, beside the keys, that keeps the erasures apart from the database. */
  erasuresFile: string;
}

/** What the API answers of what an app's crossings carried. Held against its schema. */
export interface AppPrivacy {
  days: {
    day: string;
    crossings: number;
    looked: number;
    partly: number;
    notLooked: number;
    unread: number;
  }[];
  items: { day: string; class: string; treatment: string; crossings: number }[];
  connections: { id: string; name: string; crossings: number; notLooked: number }[];
}

-- Files of incidents. Each is a line of the timeline, which has its name, sealed; the content lies sealed among the files.
CREATE TABLE incident_attachment (
  incident uuid NOT NULL,
  n integer NOT NULL,
  -- SHA-256 of the content, in hexadecimal.
  hash text COLLATE "C" NOT NULL,
  PRIMARY KEY (incident, n),
  FOREIGN KEY (incident, n) REFERENCES incident_entry (incident, n) ON DELETE CASCADE
);

-- Actions of reviews over all incidents, until they are done.
CREATE INDEX incident_task_to_do ON incident_task (due_at, id) WHERE state = 'open' AND phase = 'review';

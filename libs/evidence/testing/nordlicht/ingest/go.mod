module nordlicht.example/ingest

go 1.23

require (
	github.com/scaleway/scaleway-sdk-go v1.0.0-beta.30
	google.golang.org/genai v0.5.0 // pinned until the next review
	golang.org/x/net v0.29.0 // indirect
)

require github.com/getsentry/sentry-go v0.29.0

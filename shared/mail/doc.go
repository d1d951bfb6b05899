// Package mail writes the mails of surveys and hands them to Amazon SES.
//
// Compose makes the words: HTML and plain text, with nothing that calls home, so
// neither images nor open tracking. Sender puts them into one call of SES v2,
// with the headers by which mailboxes offer to unsubscribe, and sorts what can go
// wrong into what a caller must tell apart: was the mail sent, surely not sent,
// or does nobody know.
package mail

package sns

import (
	"errors"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
)

// Topic is the topic whose notifications are taken.
type Topic struct {
	arn string
	// certificates is where its region's signing certificates lie.
	certificates string
}

// A partition has its own domain (AWS General Reference, "Amazon Simple
// Notification Service endpoints and quotas").
var domains = map[string]string{"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com", "aws-cn": "amazonaws.com.cn"}

var (
	regionName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]+$`)
	topicName  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)
)

// ParseTopic reads the ARN of a topic.
func ParseTopic(text string) (Topic, error) {
	a, err := arn.Parse(text)
	domain, known := domains[a.Partition]
	if err != nil || !known || a.Service != "sns" || !regionName.MatchString(a.Region) || !topicName.MatchString(a.Resource) {
		return Topic{}, errors.New("is no ARN of an SNS topic, such as arn:aws:sns:eu-north-1:123456789012:mail-events")
	}
	return Topic{arn: text, certificates: "https://sns." + a.Region + "." + domain + "/"}, nil
}

// String is the topic's ARN.
func (t Topic) String() string { return t.arn }

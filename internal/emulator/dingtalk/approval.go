package dingtalk

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

const (
	eventInstance = "bpms_instance_change"
	approvalTime  = "2006-01-02T15:04Z07:00" // the documents show minutes, as in 2026-08-31T11:52Z
)

// approval is one 审批单.
type approval struct {
	ID, ProcessCode, Title, Originator string
	BusinessID                         string
	Status, Result                     string // RUNNING, TERMINATED, COMPLETED; agree, refuse
	Created, Finished                  time.Time
	Form                               []component
}

// component is one field of an approval's form; its value is always text.
type component struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Value         string `json:"value"`
	ExtValue      string `json:"extValue,omitempty"`
	ComponentType string `json:"componentType"`
	BizAlias      string `json:"bizAlias,omitempty"`
}

// approvals are the organisation's.
type approvals struct {
	mu   sync.Mutex
	list map[string]approval
}

// approvalFields are what PutRecord takes for the form "approval".
type approvalFields struct {
	ID          string      `json:"id"` // empty: a new one
	ProcessCode string      `json:"process_code"`
	Title       string      `json:"title"`
	Originator  string      `json:"originator"` // a userId
	Status      string      `json:"status"`     // empty: COMPLETED
	Result      string      `json:"result"`     // empty: agree, where it is COMPLETED
	Form        []component `json:"form"`
}

// PutRecord starts an approval or brings one on (form "approval"), and pushes the event about it.
func (s *Server) PutRecord(form string, fields map[string]any) error {
	if form != "approval" {
		return fmt.Errorf("no form %q, want approval", form)
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	var f approvalFields
	if err := json.Unmarshal(text, &f); err != nil {
		return err
	}
	i, err := s.approve(f)
	if err != nil {
		return err
	}
	return s.pushEvent(eventInstance, i.event(s.world.Now()))
}

func (s *Server) approve(f approvalFields) (approval, error) {
	s.approvals.mu.Lock()
	defer s.approvals.mu.Unlock()
	now := s.world.Now()
	i, known := s.approvals.list[f.ID]
	if !known {
		i = approval{ID: cmp.Or(f.ID, serial()), BusinessID: now.Format("200601021504") + "000000001", Created: now}
	}
	i.ProcessCode, i.Title = cmp.Or(f.ProcessCode, i.ProcessCode), cmp.Or(f.Title, i.Title)
	i.Originator = cmp.Or(f.Originator, i.Originator)
	i.Status, i.Result = cmp.Or(f.Status, "COMPLETED"), f.Result
	if len(f.Form) > 0 {
		i.Form = f.Form
	}
	switch i.Status {
	case "COMPLETED":
		i.Result, i.Finished = cmp.Or(i.Result, "agree"), now
	case "TERMINATED":
		i.Finished = now
	case "RUNNING":
	default:
		return i, fmt.Errorf("no status %q, want RUNNING, COMPLETED or TERMINATED", i.Status)
	}
	if i.ProcessCode == "" {
		return i, errors.New("process_code is missing")
	}
	s.approvals.list[i.ID] = i
	return i, nil
}

// event is what the platform tells of the approval's present state.
func (i approval) event(now time.Time) map[string]any {
	e := map[string]any{
		"processInstanceId": i.ID, "processCode": i.ProcessCode, "businessId": i.BusinessID, "title": i.Title, "bizCategoryId": "",
		"staffId": i.Originator, "createTime": i.Created.UnixMilli(), "url": "https://aflow.dingtalk.com/dingtalk/mobile/homepage.htm?procInstId=" + i.ID,
		"type": "start", "businessType": "",
	}
	switch i.Status {
	case "COMPLETED":
		e["type"], e["result"], e["finishTime"] = "finish", i.Result, now.UnixMilli()
	case "TERMINATED":
		e["type"], e["finishTime"] = "terminate", now.UnixMilli() // without a result
	}
	return e
}

// processInstance is GET /v1.0/workflow/processInstances.
func (s *Server) processInstance(r *http.Request) (any, *failure) {
	id := r.URL.Query().Get("processInstanceId")
	if id == "" {
		return nil, bad("invalidParameter")
	}
	s.approvals.mu.Lock()
	i, ok := s.approvals.list[id]
	s.approvals.mu.Unlock()
	if !ok {
		return nil, &failure{code: "processInstanceNotExist", text: "审批实例不存在"}
	}
	result := map[string]any{
		"title": i.Title, "createTime": i.Created.UTC().Format(approvalTime), "originatorUserId": i.Originator, "originatorDeptId": "-1",
		"originatorDeptName": "", "status": i.Status, "businessId": i.BusinessID, "approverUserIds": []string{}, "ccUserIds": []string{},
		"operationRecords": []any{}, "tasks": []any{}, "bizAction": "NONE", "bizData": "", "attachedProcessInstanceIds": []string{},
		"formComponentValues": i.Form,
	}
	if !i.Finished.IsZero() {
		result["finishTime"] = i.Finished.UTC().Format(approvalTime)
	}
	if i.Result != "" {
		result["result"] = i.Result
	}
	return map[string]any{"success": "true", "result": result}, nil // the truth value is text here
}

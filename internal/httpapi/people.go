package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"lingke/internal/access"
)

func (s *server) registerPeople(api huma.API) {
	handle(s, api, huma.Operation{
		OperationID: "list-people", Method: http.MethodGet, Path: "/people", Tags: []string{"people"}, Summary: "Everybody, in the order of the config",
	}, s.listPeople)
}

// Person is a member of staff. Their ids on the platforms stay inside.
type Person struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Role      string   `json:"role" enum:"rep,manager,finance,admin"`
	Team      string   `json:"team,omitempty"`
	Platforms []string `json:"platforms" nullable:"false" doc:"Where the person can be reached: dingtalk, wecom"`
	Daily     int      `json:"daily" doc:"Customers that may be claimed in a day"`
	Holding   int      `json:"holding" doc:"Customers that may be owned at a time"`
}

// PersonList is everybody.
type PersonList struct {
	People []Person `json:"people" nullable:"false"`
}

type peopleOutput struct{ Body PersonList }

func (s *server) listPeople(context.Context, *struct{}) (*peopleOutput, error) {
	out := &peopleOutput{PersonList{People: []Person{}}}
	for _, p := range s.People.All() {
		out.Body.People = append(out.Body.People, viewPerson(p))
	}
	return out, nil
}

func viewPerson(p access.Person) Person {
	v := Person{ID: p.ID, Name: p.Name, Role: string(p.Role), Team: p.Team, Platforms: []string{}, Daily: p.Daily, Holding: p.Holding}
	if p.DingTalk != "" {
		v.Platforms = append(v.Platforms, access.DingTalk)
	}
	if p.WeCom != "" {
		v.Platforms = append(v.Platforms, access.WeCom)
	}
	return v
}

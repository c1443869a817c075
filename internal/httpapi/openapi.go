package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
)

const securityScheme = "bearer"

// describe says what the operations have in common.
func describe(doc *huma.OpenAPI) {
	doc.Info.Description = "Customers, their scores and owners, tasks and deliveries of a Lingke gateway. " +
		"Times are RFC 3339 in UTC. Phone numbers are masked. Lists come in pages: pass next as after, with the same filters, until there is none."
	doc.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		securityScheme: {Type: "http", Scheme: "bearer", Description: "One of server.tokens in lingke.yaml"},
	}
}

// problemResponse is what every operation answers when it does not do what was asked.
func problemResponse(api huma.API) *huma.Response {
	schema := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	return &huma.Response{Description: "Refused or failed", Content: map[string]*huma.MediaType{problemType: {Schema: schema}}}
}

// mountDocument serves the document. It needs no token: it tells nothing but what the program can do.
func (s *server) mountDocument(r gin.IRoutes, api huma.API) error {
	delete(api.OpenAPI().Components.Schemas.Map(), "ErrorModel") // Huma's own, which never leaves
	delete(api.OpenAPI().Components.Schemas.Map(), "ErrorDetail")
	api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "openapi", Method: http.MethodGet, Path: apiPath + "/openapi.json", Summary: "This document", Tags: []string{"meta"},
		Responses: map[string]*huma.Response{"200": {Description: "OpenAPI 3.1"}},
	})
	spec, err := json.Marshal(api.OpenAPI())
	if err != nil {
		return fmt.Errorf("httpapi: openapi: %w", err)
	}
	s.spec = spec
	r.GET(apiPath+"/openapi.json", func(c *gin.Context) { c.Data(http.StatusOK, "application/openapi+json", s.spec) })
	return nil
}

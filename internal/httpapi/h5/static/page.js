'use strict';
// Draws the charts of a page from the numbers that stand in it.
for (const node of document.querySelectorAll('[data-chart]')) {
  const points = JSON.parse(node.dataset.chart);
  const chart = echarts.init(node, null, { renderer: 'svg' });
  const flat = node.dataset.flat === '1';
  const category = { type: 'category', data: points.map((p) => p.name), axisTick: { show: false }, inverse: flat };
  const value = { type: 'value', min: (v) => Math.min(0, v.min), splitLine: { lineStyle: { color: '#e5e6eb' } } };
  chart.setOption({
    animation: false,
    grid: { left: 8, right: flat ? 44 : 8, top: 16, bottom: 8, containLabel: true },
    xAxis: flat ? value : category,
    yAxis: flat ? category : value,
    series: [{
      type: 'bar', data: points.map((p) => p.value), itemStyle: { color: '#1a66cc' }, barMaxWidth: 22,
      label: { show: flat, position: 'right', formatter: (d) => points[d.dataIndex].text },
    }],
  });
  addEventListener('resize', () => chart.resize());
}

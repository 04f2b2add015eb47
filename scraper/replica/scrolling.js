// Lazy pictures, batches on scrolling, and the more-button; GRID and MORE are put before it.
(function(){
  var grid=document.getElementById(GRID),more=document.querySelector(MORE),busy=false,gone=false;
  var eye=new IntersectionObserver(function(es){es.forEach(function(e){
    if(e.isIntersecting){var i=e.target;eye.unobserve(i);i.src=i.getAttribute('data-src');}});},
    {rootMargin:'500px'});
  function lazy(root){var is=root.querySelectorAll('img[data-src]');
    for(var i=0;i<is.length;i++)if(is[i].src.indexOf('data:')===0||!is[i].getAttribute('src'))eye.observe(is[i]);}
  function end(){var es=document.querySelectorAll('.pxe');return es[es.length-1];}
  function take(html){
    var box=document.createElement('div');box.innerHTML=html;
    var scripts=[];box.querySelectorAll('script').forEach(function(s){scripts.push(s.text);s.remove();});
    lazy(box);
    while(box.firstChild)grid.appendChild(box.firstChild);
    scripts.forEach(function(text){var s=document.createElement('script');s.text=text;document.body.appendChild(s);});
  }
  function load(){
    var last=end(),url=last&&last.getAttribute('data-next');
    if(busy||!url){return;}
    busy=true;more.style.display='none';
    fetch(url,{credentials:'same-origin'}).then(function(r){return r.ok?r.text():Promise.reject(r.status);})
      .then(function(html){busy=false;take(html);look();},function(){busy=false;more.style.display='';});
  }
  function look(){
    var last=end();
    if(!last||!last.getAttribute('data-next')){more.style.display='none';return;}
    if(last.getAttribute('data-wait')){more.style.display='';return;}
    foot.unobserve(sentinel);foot.observe(sentinel);
  }
  var sentinel=document.createElement('div');sentinel.style.height='1px';
  grid.parentNode.insertBefore(sentinel,grid.nextSibling);
  var foot=new IntersectionObserver(function(es){
    var last=end();
    if(es[es.length-1].isIntersecting&&last&&!last.getAttribute('data-wait'))load();},{rootMargin:'900px'});
  more.addEventListener('click',function(e){e.preventDefault();load();});
  lazy(document);look();
})();
